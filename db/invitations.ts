import type {
  AccountId,
  InvitationId,
  LinkRole,
  OrganizationId,
  Region,
  SessionId,
} from '@cratersync/signaling/protocol';
import type { Tx } from './database.ts';
import { isByPlan, isSessionHeld, keptDays } from './keeping.ts';
import type { CapabilityScope } from './scope.ts';

export interface Invitation {
  invitationId: InvitationId;
  /** What whoever comes by it is. */
  role: LinkRole;
  createdAt: Date;
  expiresAt: Date;
  revokedAt: Date | null;
  /** How many people have come by it. Coming back is no new use. */
  uses: number;
  /** null: without limit */
  maxUses: number | null;
}

/** What a working link opens. */
export interface OpenedInvitation {
  organizationId: OrganizationId;
  organizationName: string;
  region: Region;
  sessionId: SessionId;
  title: string;
  invitationId: InvitationId;
  role: LinkRole;
  /** How long what is recorded is kept; null: until somebody deletes it. */
  keptDays: number | null;
  /** Its plan keeps it no longer; the organization would. */
  isByPlan: boolean;
  isHeld: boolean;
  /** Expired or used up: it lets nobody new in; who came by it may come back. */
  spent: boolean;
  /** Its organization is to be deleted. */
  closing: boolean;
}

const columns = `invitation_id AS "invitationId", role, created_at AS "createdAt", expires_at AS "expiresAt",
  revoked_at AS "revokedAt", uses, max_uses AS "maxUses"`;
const spent = '(expires_at <= now() OR (max_uses IS NOT NULL AND uses >= max_uses)) AS spent';

export const create = (
  tx: Tx,
  invitation: {
    sessionId: SessionId;
    role?: LinkRole;
    tokenHash: Buffer;
    createdBy: AccountId;
    lifetimeMs: number;
    maxUses?: number | null;
  },
): Promise<Invitation> => {
  const { sessionId, role = 'guest', tokenHash, createdBy, lifetimeMs, maxUses = null } = invitation;
  return tx.one(
    `INSERT INTO app.invitations (session_id, role, token_hash, created_by, expires_at, max_uses)
     VALUES ($1, $2, $3, $4, now() + $5 * interval '1 millisecond', $6) RETURNING ${columns}`,
    [sessionId, role, tokenHash, createdBy, lifetimeMs, maxUses],
  );
};

/** Newest first. */
export const ofSession = (tx: Tx, sessionId: SessionId): Promise<Invitation[]> =>
  tx.query(
    `SELECT ${columns} FROM app.invitations WHERE session_id = $1 ORDER BY created_at DESC, invitation_id`,
    [sessionId],
  );

/**
 * Ends the link, and with it the seats of everybody who came by it. Doing it again changes nothing.
 * @returns whether it is revoked only now; null when that session has no such invitation
 */
export async function revoke(
  tx: Tx,
  sessionId: SessionId,
  invitationId: InvitationId,
): Promise<boolean | null> {
  const found = await tx.first<{ revoked: boolean }>(
    `SELECT revoked_at IS NOT NULL AS revoked FROM app.invitations
     WHERE session_id = $1 AND invitation_id = $2 FOR UPDATE`,
    [sessionId, invitationId],
  );
  if (found === null) return null;
  if (found.revoked) return false;
  await tx.change('UPDATE app.invitations SET revoked_at = now() WHERE invitation_id = $1', [invitationId]);
  return true;
}

/** @returns null when the token in scope is nobody's, or was revoked */
export const open = (tx: Tx<CapabilityScope>): Promise<OpenedInvitation | null> =>
  tx.first(
    `SELECT i.organization_id AS "organizationId", o.name AS "organizationName", o.region, i.session_id AS "sessionId",
       s.title, i.invitation_id AS "invitationId", i.role, ${spent},
       ${keptDays} AS "keptDays", ${isByPlan} AS "isByPlan", ${isSessionHeld} AS "isHeld",
       o.state <> 'active' AS closing
     FROM app.invitations i
     JOIN app.sessions s USING (organization_id, session_id)
     JOIN app.organizations o USING (organization_id)
     WHERE i.token_hash = $1 AND i.revoked_at IS NULL`,
    [tx.scope.capability.hash],
  );

/** Whether the token in scope was one into an organization that has been erased. */
export const isGone = async (tx: Tx<CapabilityScope>): Promise<boolean> =>
  (await tx.first('SELECT FROM app.gone_links WHERE token_hash = $1', [tx.scope.capability.hash])) !== null;

/**
 * Holds the invitation for the rest of the transaction, so that it can't be revoked half-way through a join, and its
 * uses are counted one after the other.
 * @returns null when it was revoked
 */
export const hold = (
  tx: Tx,
  invitationId: InvitationId,
): Promise<{ role: LinkRole; spent: boolean } | null> =>
  tx.first(
    `SELECT role, ${spent} FROM app.invitations
     WHERE invitation_id = $1 AND revoked_at IS NULL FOR UPDATE`,
    [invitationId],
  );

/** One more person has come by it. */
export async function countUse(tx: Tx, invitationId: InvitationId): Promise<void> {
  await tx.change('UPDATE app.invitations SET uses = uses + 1 WHERE invitation_id = $1', [invitationId]);
}
