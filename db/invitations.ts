import type { AccountId, InvitationId, OrganizationId, SessionId } from '@cratersync/signaling/protocol';
import type { Tx } from './database.ts';
import type { CapabilityScope } from './scope.ts';

export interface Invitation {
  invitationId: InvitationId;
  createdAt: Date;
  expiresAt: Date;
  revokedAt: Date | null;
}

/** What a working link opens. */
export interface OpenedInvitation {
  organizationId: OrganizationId;
  organizationName: string;
  sessionId: SessionId;
  title: string;
  invitationId: InvitationId;
}

const columns =
  'invitation_id AS "invitationId", created_at AS "createdAt", expires_at AS "expiresAt", revoked_at AS "revokedAt"';

export const create = (
  tx: Tx,
  invitation: { sessionId: SessionId; tokenHash: Buffer; createdBy: AccountId; lifetimeMs: number },
): Promise<Invitation> =>
  tx.one(
    `INSERT INTO app.invitations (session_id, token_hash, created_by, expires_at)
     VALUES ($1, $2, $3, now() + $4 * interval '1 millisecond') RETURNING ${columns}`,
    [invitation.sessionId, invitation.tokenHash, invitation.createdBy, invitation.lifetimeMs],
  );

/** Newest first. */
export const ofSession = (tx: Tx, sessionId: SessionId): Promise<Invitation[]> =>
  tx.query(
    `SELECT ${columns} FROM app.invitations WHERE session_id = $1 ORDER BY created_at DESC, invitation_id`,
    [sessionId],
  );

/**
 * Ends the link, and with it the seats of everybody who came by it. Doing it again changes nothing.
 * @returns false when that session has no such invitation
 */
export async function revoke(tx: Tx, sessionId: SessionId, invitationId: InvitationId): Promise<boolean> {
  const found = await tx.change(
    `UPDATE app.invitations SET revoked_at = coalesce(revoked_at, now())
     WHERE session_id = $1 AND invitation_id = $2`,
    [sessionId, invitationId],
  );
  return found === 1;
}

/** @returns null when the token in scope is nobody's, has expired or was revoked */
export const open = (tx: Tx<CapabilityScope>): Promise<OpenedInvitation | null> =>
  tx.first(
    `SELECT i.organization_id AS "organizationId", o.name AS "organizationName", i.session_id AS "sessionId",
       s.title, i.invitation_id AS "invitationId"
     FROM app.invitations i
     JOIN app.sessions s USING (organization_id, session_id)
     JOIN app.organizations o USING (organization_id)
     WHERE i.token_hash = $1 AND i.revoked_at IS NULL AND i.expires_at > now() AND o.state = 'active'`,
    [tx.scope.capability.hash],
  );

/** Holds the invitation for the rest of the transaction, so that it can't be revoked half-way through a join. */
export async function holdUsable(tx: Tx, invitationId: InvitationId): Promise<boolean> {
  const rows = await tx.query(
    `SELECT FROM app.invitations
     WHERE invitation_id = $1 AND revoked_at IS NULL AND expires_at > now() FOR SHARE`,
    [invitationId],
  );
  return rows.length === 1;
}
