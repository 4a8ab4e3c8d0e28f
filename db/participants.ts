import type {
  AccountId,
  InvitationId,
  OrganizationId,
  ParticipantId,
  SessionId,
  SessionRole,
  State,
} from '@cratersync/signaling/protocol';
import { advance as step } from './lifecycle.ts';
import { organizationOf, type Tx } from './scope.ts';

export interface ParticipantRow {
  organizationId: OrganizationId;
  participantId: ParticipantId;
  sessionId: SessionId;
  displayName: string;
  role: SessionRole;
}

export interface SeatRow extends ParticipantRow {
  sessionTitle: string;
  revoked: boolean;
}

const columns = `organization_id AS "organizationId", participant_id AS "participantId", session_id AS "sessionId",
  display_name AS "displayName", role`;

/** In a credential scope: whose credential it is. */
export async function bearer(tx: Tx): Promise<ParticipantRow | null> {
  const { rows } = await tx.query<ParticipantRow>(`SELECT ${columns} FROM participants`);
  return rows[0] ?? null;
}

/** The seat of a participant: with the session's title, and whether the link it came by has been revoked. */
export async function seat(tx: Tx, participantId: ParticipantId): Promise<SeatRow | null> {
  const { rows } = await tx.query<SeatRow>(
    `SELECT ${columns}, title AS "sessionTitle", revoked_at IS NOT NULL AS revoked
     FROM participants
     JOIN (SELECT organization_id, session_id, title FROM sessions) s USING (organization_id, session_id)
     LEFT JOIN (SELECT organization_id, invitation_id, revoked_at FROM invitations) i
       USING (organization_id, invitation_id)
     WHERE participant_id = $1`,
    [participantId],
  );
  return rows[0] ?? null;
}

export async function insert(
  tx: Tx,
  participant: {
    participantId: ParticipantId;
    sessionId: SessionId;
    displayName: string;
    credentialHash: Buffer;
  } & ({ role: 'host'; accountId: AccountId } | { role: 'guest'; invitationId: InvitationId }),
): Promise<void> {
  const { participantId, sessionId, displayName, credentialHash, role } = participant;
  await tx.query(
    `INSERT INTO participants
       (organization_id, participant_id, session_id, account_id, invitation_id, display_name, role, credential_hash)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [
      organizationOf(tx),
      participantId,
      sessionId,
      participant.role === 'host' ? participant.accountId : null,
      participant.role === 'guest' ? participant.invitationId : null,
      displayName,
      role,
      credentialHash,
    ],
  );
}

/** The seat a member already has in a session. */
export async function ofAccount(
  tx: Tx,
  sessionId: SessionId,
  accountId: AccountId,
): Promise<ParticipantId | null> {
  const { rows } = await tx.query<{ participantId: ParticipantId }>(
    `SELECT participant_id AS "participantId" FROM participants WHERE session_id = $1 AND account_id = $2`,
    [sessionId, accountId],
  );
  return rows[0]?.participantId ?? null;
}

/** The same person again: a new credential replaces the old one, and the name may have changed. */
export async function renew(
  tx: Tx,
  participantId: ParticipantId,
  change: { displayName: string; credentialHash: Buffer },
): Promise<void> {
  await tx.query(
    'UPDATE participants SET display_name = $2, credential_hash = $3 WHERE participant_id = $1',
    [participantId, change.displayName, change.credentialHash],
  );
}

export const advance = (tx: Tx, participantId: ParticipantId, to: State<'participant'>): Promise<boolean> =>
  step(tx, 'participant', participantId, to);
