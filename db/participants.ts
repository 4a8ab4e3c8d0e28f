import type {
  AccountId,
  InvitationId,
  LinkRole,
  OrganizationId,
  ParticipantId,
  Region,
  SessionId,
  SessionRole,
  SessionSettings,
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

/** A place in a session, as its credential proves it, and what the session says of those who come. */
export interface Seat extends SessionSettings {
  organizationId: OrganizationId;
  sessionId: SessionId;
  participantId: ParticipantId;
  /** null: they came by a link */
  accountId: AccountId | null;
  displayName: string;
  role: SessionRole;
  sessionTitle: string;
  /** Of its organization: where its media may go. */
  region: Region;
  /** The invitation was revoked, or the membership has ended: the credential opens nothing any more. */
  revoked: boolean;
  /** Their organization is to be deleted. */
  closing: boolean;
  /** They were sent out: as good as revoked. */
  removed: boolean;
  /** They have been inside, or were told that they may. */
  admitted: boolean;
  /** The session was ended for everybody. */
  closed: boolean;
}

const columns =
  'participant_id AS "participantId", session_id AS "sessionId", display_name AS "displayName", role, state';

const selectSeat = `
  SELECT p.organization_id AS "organizationId", p.session_id AS "sessionId", p.participant_id AS "participantId",
    p.account_id AS "accountId", p.display_name AS "displayName", p.role, s.title AS "sessionTitle",
    i.revoked_at IS NOT NULL OR (p.account_id IS NOT NULL AND m.account_id IS NULL) AS revoked,
    o.state <> 'active' AS closing, o.region, p.removed_at IS NOT NULL AS removed,
    p.admitted_at IS NOT NULL AS admitted, s.lobby, s.locked, s.closed
  FROM app.participants p
  JOIN app.sessions s USING (organization_id, session_id)
  JOIN app.organizations o USING (organization_id)
  LEFT JOIN app.invitations i USING (organization_id, invitation_id)
  LEFT JOIN app.memberships m ON m.organization_id = p.organization_id AND m.account_id = p.account_id
    AND m.ended_at IS NULL`;

/** @returns null when the credential in scope is nobody's */
export const bySeat = (tx: Tx<CapabilityScope>): Promise<Seat | null> =>
  tx.first(`${selectSeat} WHERE p.credential_hash = $1`, [tx.scope.capability.hash]);

export const seats = (tx: Tx, participantIds: readonly ParticipantId[]): Promise<Seat[]> =>
  tx.query(`${selectSeat} WHERE p.participant_id = ANY ($1)`, [participantIds]);

/** In the order in which they came. */
export const ofSession = (tx: Tx, sessionId: SessionId): Promise<Participant[]> =>
  tx.query(
    `SELECT ${columns} FROM app.participants WHERE session_id = $1 ORDER BY created_at, participant_id`,
    [sessionId],
  );

/** The one place of an account in a session; its earlier credential stops working. */
export const seatMember = (
  tx: Tx,
  seat: {
    sessionId: SessionId;
    accountId: AccountId;
    role: 'host' | 'producer';
    displayName: string;
    credentialHash: Buffer;
  },
): Promise<Participant> =>
  tx.one(
    `INSERT INTO app.participants (session_id, account_id, role, display_name, credential_hash)
     VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (organization_id, session_id, account_id)
     DO UPDATE SET role = excluded.role, display_name = excluded.display_name,
       credential_hash = excluded.credential_hash, removed_at = NULL
     RETURNING ${columns}`,
    [seat.sessionId, seat.accountId, seat.role, seat.displayName, seat.credentialHash],
  );

/** Whoever came by a link earlier, held for the rest of the transaction. */
export const holdByCredential = (
  tx: Tx,
  sessionId: SessionId,
  credentialHash: Buffer,
): Promise<{ participantId: ParticipantId; invitationId: InvitationId; removed: boolean } | null> =>
  tx.first(
    `SELECT participant_id AS "participantId", invitation_id AS "invitationId", removed_at IS NOT NULL AS removed
     FROM app.participants WHERE session_id = $1 AND account_id IS NULL AND credential_hash = $2 FOR UPDATE`,
    [sessionId, credentialHash],
  );

/** The place of somebody who comes by a link for the first time. */
export const seatGuest = (
  tx: Tx,
  seat: {
    sessionId: SessionId;
    invitationId: InvitationId;
    role?: LinkRole;
    displayName: string;
    credentialHash: Buffer;
  },
): Promise<Participant> =>
  tx.one(
    `INSERT INTO app.participants (session_id, invitation_id, role, display_name, credential_hash)
     VALUES ($1, $2, $3, $4, $5) RETURNING ${columns}`,
    [seat.sessionId, seat.invitationId, seat.role ?? 'guest', seat.displayName, seat.credentialHash],
  );

/** They are back, under the name given now; the earlier credential stops working. */
export const reseat = (
  tx: Tx,
  participantId: ParticipantId,
  { displayName, credentialHash }: { displayName: string; credentialHash: Buffer },
): Promise<Participant> =>
  tx.one(
    `UPDATE app.participants SET display_name = $2, credential_hash = $3 WHERE participant_id = $1
     RETURNING ${columns}`,
    [participantId, displayName, credentialHash],
  );

/** They are the same person, and come by another link: what that one makes of people is what they are now. */
export async function moveToLink(
  tx: Tx,
  participantId: ParticipantId,
  { invitationId, role }: { invitationId: InvitationId; role: LinkRole },
): Promise<void> {
  await tx.change(
    `UPDATE app.participants SET invitation_id = $2, role = $3, removed_at = NULL,
       admitted_at = CASE WHEN removed_at IS NULL THEN admitted_at END
     WHERE participant_id = $1`,
    [participantId, invitationId, role],
  );
}

/** From now on they need not wait. */
export async function admit(tx: Tx, participantIds: readonly ParticipantId[]): Promise<void> {
  await tx.change(
    'UPDATE app.participants SET admitted_at = now() WHERE participant_id = ANY ($1) AND admitted_at IS NULL',
    [participantIds],
  );
}

/** One of a session's people, held for the rest of the transaction. */
export const hold = (
  tx: Tx,
  sessionId: SessionId,
  participantId: ParticipantId,
): Promise<Participant | null> =>
  tx.first(
    `SELECT ${columns} FROM app.participants WHERE session_id = $1 AND participant_id = $2 FOR UPDATE`,
    [sessionId, participantId],
  );

export async function setRole(tx: Tx, participantId: ParticipantId, role: SessionRole): Promise<void> {
  await tx.change('UPDATE app.participants SET role = $2 WHERE participant_id = $1', [participantId, role]);
}

/** Their credential opens nothing any more. */
export async function remove(tx: Tx, participantId: ParticipantId): Promise<void> {
  await tx.change('UPDATE app.participants SET removed_at = now() WHERE participant_id = $1', [
    participantId,
  ]);
}

export const advance = (tx: Tx, participantId: ParticipantId, to: State<'participant'>): Promise<boolean> =>
  step(tx, 'participant', participantId, to);
