import { randomBytes } from 'node:crypto';
import {
  type AccountId,
  errors,
  type InvitationId,
  type ParticipantId,
  type RecordingId,
  type SessionId,
  type Source,
  type TrackId,
} from '@cratersync/signaling/protocol';
import type { Tx } from './database.ts';
import { enqueue } from './jobs.ts';
import * as recordings from './recordings.ts';
import * as stems from './stems.ts';

/** Which rows were missing, and are there again. */
export interface Restored {
  session: boolean;
  participants: number;
  recording: boolean;
  /** It was not complete before. */
  completed: boolean;
  stems: number;
}

/**
 * Takes down a finished recording of which the database may know nothing (any more): inserts what is missing, completes
 * it, and queues the rendering of its stems. What is there stays as it is. All of it or nothing; repeating it changes
 * nothing.
 *
 * Names are nowhere in what is stored: people and the session that have to be made anew are called by what they are.
 * @throws AppError `conflict` when the organization is not there, which is the one thing that cannot be made up
 */
export async function restoreRecording(
  tx: Tx,
  found: {
    recordingId: RecordingId;
    sessionId: SessionId;
    startedAt: Date;
    durationMs: number;
    manifestKey: string;
    merkleRoot: string;
    tracks: readonly { trackId: TrackId; participantId: ParticipantId; source: Source }[];
  },
): Promise<Restored> {
  const { recordingId, sessionId, startedAt, tracks } = found;
  const owner = await ownerOf(tx);
  const session = await tx.change(
    `INSERT INTO app.sessions (session_id, title, state, created_by, created_at) VALUES ($1, $2, 'ended', $3, $4)
     ON CONFLICT DO NOTHING`,
    [sessionId, `Recovered recording of ${startedAt.toISOString().slice(0, 10)}`, owner, startedAt],
  );
  const people = [...new Set(tracks.map(({ participantId }) => participantId))];
  const participants = await insertMissing(tx, sessionId, owner, people);
  const recording = await tx.change(
    'INSERT INTO app.recordings (recording_id, session_id, started_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
    [recordingId, sessionId, startedAt],
  );
  const completed = await recordings.finalize(tx, found);
  return {
    session: session > 0,
    participants,
    recording: recording > 0,
    completed,
    stems: completed ? 0 : await insertStems(tx, recordingId, tracks),
  };
}

async function ownerOf(tx: Tx): Promise<AccountId> {
  const owner = await tx.first<{ accountId: AccountId }>(
    `SELECT m.account_id AS "accountId" FROM app.organizations JOIN app.memberships m USING (organization_id)
     WHERE organization_id = $1 AND m.role = 'owner' ORDER BY m.created_at LIMIT 1`,
    [tx.scope.organizationId],
  );
  if (owner !== null) return owner.accountId;
  throw errors.conflict(
    `The database has no organization ${tx.scope.organizationId} with an owner. Restore a backup that has it first.`,
  );
}

/** As guests, by an invitation that opens nothing. */
async function insertMissing(
  tx: Tx,
  sessionId: SessionId,
  owner: AccountId,
  people: readonly ParticipantId[],
): Promise<number> {
  const known = await tx.query<{ participantId: ParticipantId }>(
    'SELECT participant_id AS "participantId" FROM app.participants WHERE participant_id = ANY ($1)',
    [people],
  );
  const missing = people.filter(id => !known.some(({ participantId }) => participantId === id));
  if (missing.length === 0) return 0;
  const { invitationId } = await tx.one<{ invitationId: InvitationId }>(
    `INSERT INTO app.invitations (session_id, token_hash, created_by, expires_at, revoked_at)
     VALUES ($1, $2, $3, now(), now()) RETURNING invitation_id AS "invitationId"`,
    [sessionId, randomBytes(32), owner],
  );
  for (const participantId of missing) {
    await tx.change(
      `INSERT INTO app.participants
         (participant_id, session_id, invitation_id, role, display_name, credential_hash, state)
       VALUES ($1, $2, $3, 'guest', $4, $5, 'left')`,
      [
        participantId,
        sessionId,
        invitationId,
        `Person ${people.indexOf(participantId) + 1}`,
        randomBytes(32),
      ],
    );
  }
  return missing.length;
}

/** For a recording that was complete already, and lost its stems. */
async function insertStems(
  tx: Tx,
  recordingId: RecordingId,
  tracks: readonly { participantId: ParticipantId; source: Source }[],
): Promise<number> {
  if ((await stems.ofRecording(tx, recordingId)).length > 0) return 0;
  const made = await stems.createFor(tx, recordingId, tracks);
  if (made > 0) await enqueue(tx, 'render-stems', { recordingId });
  return made;
}
