import type { MemberRole } from '../protocol/index.ts';
import { inLanguage, type Message, type Reader } from './letter.ts';

export interface InvitedTo {
  invitedBy: string;
  organizationName: string;
  role: MemberRole;
  url: string;
}

/** Into an organization, as a member of it. */
export function memberInvitationMail({ language }: Reader, invited: InvitedTo): Message {
  const { invitedBy, organizationName, role, url } = invited;
  const isAdmin = role === 'admin';
  return inLanguage(language, {
    en: {
      subject: `${invitedBy} invites you to ${organizationName} on CraterSync`,
      paragraphs: [
        `${invitedBy} invites you to join ${organizationName} on CraterSync, as ${isAdmin ? 'an admin' : 'a member'}. Members see its sessions and recordings.`,
        'Open this link to accept or decline:',
        { link: url },
        'It works for 7 days. You do not know who that is? Then ignore this message.',
      ],
    },
    fr: {
      subject: `${invitedBy} vous invite à rejoindre ${organizationName} sur CraterSync`,
      paragraphs: [
        `${invitedBy} vous invite à rejoindre ${organizationName} sur CraterSync, comme ${isAdmin ? 'administrateur' : 'membre'}. Les membres voient ses sessions et ses enregistrements.`,
        'Ouvrez ce lien pour accepter ou refuser :',
        { link: url },
        'Il est valable 7 jours. Vous ne connaissez pas cette personne ? Alors ignorez ce message.',
      ],
    },
  });
}
