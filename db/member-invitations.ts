import type {
  AccountId,
  MemberInvitationId,
  MemberRole,
  OrganizationId,
} from '@cratersync/signaling/protocol';
import type { Tx } from './database.ts';
import type { CapabilityScope } from './scope.ts';

export type InvitedRole = Exclude<MemberRole, 'owner'>;

export interface MemberInvitation {
  memberInvitationId: MemberInvitationId;
  email: string;
  role: InvitedRole;
  createdAt: Date;
  expiresAt: Date;
}

/** That its mail did not arrive, as far as we know. */
export interface Undelivered {
  /** The mail server did not answer, or it refused the mail: in these words. */
  why: 'unreached' | 'refused';
  words: string;
}

/** What the mailed link opens. */
export interface OpenedMemberInvitation extends MemberInvitation {
  organizationId: OrganizationId;
  organizationName: string;
}

const columns = `member_invitation_id AS "memberInvitationId", email, role, created_at AS "createdAt",
  expires_at AS "expiresAt"`;
const open = 'outcome IS NULL AND expires_at > now()';

/** Puts it in the place of an older one to the same address. */
export async function replace(
  tx: Tx,
  invitation: {
    email: string;
    role: InvitedRole;
    tokenHash: Buffer;
    invitedBy: AccountId;
    lifetimeMs: number;
  },
): Promise<MemberInvitation> {
  const { email, role, tokenHash, invitedBy, lifetimeMs } = invitation;
  await tx.change(
    `UPDATE app.member_invitations SET outcome = 'revoked' WHERE email = $1 AND outcome IS NULL`,
    [email],
  );
  return tx.one(
    `INSERT INTO app.member_invitations (email, role, token_hash, invited_by, expires_at)
     VALUES ($1, $2, $3, $4, now() + $5 * interval '1 millisecond') RETURNING ${columns}`,
    [email, role, tokenHash, invitedBy, lifetimeMs],
  );
}

/** Those that wait for an answer, newest first. A mail may come back long after the mail server took it. */
export async function waiting(tx: Tx): Promise<(MemberInvitation & { undelivered: Undelivered | null })[]> {
  const rows = await tx.query<MemberInvitation & { why: Undelivered['why'] | null; words: string | null }>(
    `SELECT ${columns.replace('email', 'i.email')}, coalesce(undelivered_why, CASE WHEN u.email IS NOT NULL THEN 'refused' END) AS why,
       coalesce(undelivered_words, u.words) AS words
     FROM app.member_invitations i
     LEFT JOIN app.unreachable_addresses u ON u.email = i.email AND u.since >= i.created_at AND u.until > now()
     WHERE ${open} ORDER BY created_at DESC, member_invitation_id`,
  );
  return rows.map(({ why, words, ...row }) => ({
    ...row,
    undelivered: why === null ? null : { why, words: words ?? '' },
  }));
}

export async function noteUndelivered(
  tx: Tx,
  id: MemberInvitationId,
  { why, words }: Undelivered,
): Promise<void> {
  await tx.change(
    'UPDATE app.member_invitations SET undelivered_why = $2, undelivered_words = $3 WHERE member_invitation_id = $1',
    [id, why, words],
  );
}

/** @returns null when the token in scope is nobody's, or it was answered or revoked, or has expired */
export const opened = (tx: Tx<CapabilityScope>): Promise<OpenedMemberInvitation | null> =>
  tx.first(
    `SELECT ${columns}, organization_id AS "organizationId", o.name AS "organizationName"
     FROM app.member_invitations i JOIN (SELECT organization_id, name, state FROM app.organizations) o
       USING (organization_id)
     WHERE token_hash = $1 AND ${open} AND o.state = 'active'`,
    [tx.scope.capability.hash],
  );

/** @returns false when it has ended already, or is none of this organization's */
export async function conclude(
  tx: Tx,
  id: MemberInvitationId,
  outcome: 'accepted' | 'declined' | 'revoked',
  acceptedBy: AccountId | null = null,
): Promise<boolean> {
  const concluded = await tx.change(
    `UPDATE app.member_invitations SET outcome = $2, accepted_by = $3
     WHERE member_invitation_id = $1 AND ${open}`,
    [id, outcome, acceptedBy],
  );
  return concluded === 1;
}
