import type { MemberRole } from '../protocol/index.ts';
import { letter, type Message } from './letter.ts';

export interface InvitedTo {
  invitedBy: string;
  organizationName: string;
  role: MemberRole;
  url: string;
}

/** Into an organization, as a member of it. */
export function memberInvitationMail({ invitedBy, organizationName, role, url }: InvitedTo): Message {
  const as = role === 'admin' ? 'an admin' : 'a member';
  return {
    subject: `${invitedBy} invites you to ${organizationName} on CraterSync`,
    ...letter([
      `${invitedBy} invites you to join ${organizationName} on CraterSync, as ${as}. Members see its sessions and recordings.`,
      'Open this link to accept or decline:',
      { link: url },
      'It works for 7 days. You do not know who that is? Then ignore this message.',
    ]),
  };
}
