import type {
  AccountId,
  InvitationId,
  OrganizationId,
  ParticipantId,
  SessionId,
  SessionRole,
  State,
} from '@cratersync/signaling/protocol';
import type { Tx } from './database.ts';
import { advance as step } from './lifecycle.ts';
import type { CapabilityScope } from './scope.ts';

export interface Participant {
  participantId: ParticipantId;
  sessionId: SessionId;
  displayName: string;
  role: SessionRole;
  state: State<'participant'>;
}

/** A place in a session, as its credential proves it. */
export interface Seat {
  organizationId: OrganizationId;
  sessionId: SessionId;
  participantId: ParticipantId;
  displayName: string;
  role: SessionRole;
  sessionTitle: string;
  /** The invitation was revoked, or the membership has ended: the credential opens nothing any more. */
  revoked: boolean;
}

const columns =
  'participant_id AS "participantId", session_id AS "sessionId", display_name AS "displayName", role, state';

const selectSeat = `
  SELECT p.organization_id AS "organizationId", p.session_id AS "sessionId", p.participant_id AS "participantId",
    p.display_name AS "displayName", p.role, s.title AS "sessionTitle", 
    i.revoked_at IS NOT NULL OR (p.account_id IS NOT NULL AND m.account_id IS NULL) AS revoked
  FROM app.participants p
  JOIN app.sessions s USING (organization_id, session_id)
  LEFT JOIN app.invitations i USING (organization_id, invitation_id)
  LEFT JOIN app.memberships m ON m.organization_id = p.organization_id AND m.account_id = p.account_id
    AND m.ended_at IS NULL`;

/** @returns null when the credential in scope is nobody's */
export const bySeat = (tx: Tx<CapabilityScope>): Promise<Seat | null> =>
  tx.first(`${selectSeat} WHERE p.credential_hash = $1`, [tx.scope.capability.hash]);

export const seat = (tx: Tx, participantId: ParticipantId): Promise<Seat | null> =>
  tx.first(`${selectSeat} WHERE p.participant_id = $1`, [participantId]);

/** In the order in which they came. */
export const ofSession = (tx: Tx, sessionId: SessionId): Promise<Participant[]> =>
  tx.query(
    `SELECT ${columns} FROM app.participants WHERE session_id = $1 ORDER BY created_at, participant_id`,
    [sessionId],
  );

/** The one place of an account in a session; its earlier credential stops working. */
export const seatHost = (
  tx: Tx,
  seat: { sessionId: SessionId; accountId: AccountId; displayName: string; credentialHash: Buffer },
): Promise<Participant> =>
  tx.one(
    `INSERT INTO app.participants (session_id, account_id, role, display_name, credential_hash)
     VALUES ($1, $2, 'host', $3, $4)
     ON CONFLICT (organization_id, session_id, account_id)
     DO UPDATE SET display_name = excluded.display_name, credential_hash = excluded.credential_hash
     RETURNING ${columns}`,
    [seat.sessionId, seat.accountId, seat.displayName, seat.credentialHash],
  );

/**
 * A guest's place. Whoever shows the credential of an earlier one in the same session gets that one back, under the
 * name given now and the invitation used now; the earlier credential stops working.
 */
export async function seatGuest(
  tx: Tx,
  seat: {
    sessionId: SessionId;
    invitationId: InvitationId;
    displayName: string;
    credentialHash: Buffer;
    earlierCredentialHash: Buffer | null;
  },
): Promise<Participant> {
  const { sessionId, invitationId, displayName, credentialHash } = seat;
  const again = await tx.first<Participant>(
    `UPDATE app.participants
     SET invitation_id = $2, display_name = $3, credential_hash = $4
     WHERE session_id = $1 AND role = 'guest' AND credential_hash = $5
     RETURNING ${columns}`,
    [sessionId, invitationId, displayName, credentialHash, seat.earlierCredentialHash],
  );
  return (
    again ??
    tx.one(
      `INSERT INTO app.participants (session_id, invitation_id, role, display_name, credential_hash)
       VALUES ($1, $2, 'guest', $3, $4) RETURNING ${columns}`,
      [sessionId, invitationId, displayName, credentialHash],
    )
  );
}

export const advance = (tx: Tx, participantId: ParticipantId, to: State<'participant'>): Promise<boolean> =>
  step(tx, 'participant', participantId, to);
