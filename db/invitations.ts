import type { InvitationId, OrganizationId, SessionId } from '@cratersync/signaling/protocol';
import { organizationOf, type Tx } from './scope.ts';

export interface InvitationRow {
  invitationId: InvitationId;
  createdAt: Date;
  expiresAt: Date;
  revokedAt: Date | null;
}

const columns =
  'invitation_id AS "invitationId", created_at AS "createdAt", expires_at AS "expiresAt", revoked_at AS "revokedAt"';

export async function insert(
  tx: Tx,
  invitation: { invitationId: InvitationId; sessionId: SessionId; tokenHash: Buffer; expiresAt: Date },
): Promise<InvitationRow> {
  const { rows } = await tx.query<InvitationRow>(
    `INSERT INTO invitations (organization_id, invitation_id, session_id, token_hash, expires_at)
     VALUES ($1, $2, $3, $4, $5) RETURNING ${columns}`,
    [
      organizationOf(tx),
      invitation.invitationId,
      invitation.sessionId,
      invitation.tokenHash,
      invitation.expiresAt,
    ],
  );
  const row = rows[0];
  if (row === undefined) throw new Error('an insert returned no row');
  return row;
}

export async function ofSession(tx: Tx, sessionId: SessionId): Promise<InvitationRow[]> {
  const { rows } = await tx.query<InvitationRow>(
    `SELECT ${columns} FROM invitations WHERE session_id = $1 ORDER BY created_at DESC`,
    [sessionId],
  );
  return rows;
}

/** @returns false when there is none, or it was revoked before */
export async function revoke(tx: Tx, sessionId: SessionId, invitationId: InvitationId): Promise<boolean> {
  const { rowCount } = await tx.query(
    `UPDATE invitations SET revoked_at = now()
     WHERE session_id = $1 AND invitation_id = $2 AND revoked_at IS NULL`,
    [sessionId, invitationId],
  );
  return rowCount === 1;
}

export interface OpenInvitation {
  organizationId: OrganizationId;
  invitationId: InvitationId;
  sessionId: SessionId;
}

/** In an invitation scope: the invitation that the token opens, while it may be used. */
export async function opened(tx: Tx): Promise<OpenInvitation | null> {
  const { rows } = await tx.query<OpenInvitation>(
    `SELECT organization_id AS "organizationId", invitation_id AS "invitationId", session_id AS "sessionId"
     FROM invitations WHERE revoked_at IS NULL AND expires_at > now()`,
  );
  return rows[0] ?? null;
}
