import {
  errors,
  type ParticipantId,
  type RecordingId,
  type SessionId,
  type Source,
  type State,
  type TrackId,
  type WebhookEvent,
} from '@cratersync/signaling/protocol';
import type { Tx } from './database.ts';
import { enqueue } from './jobs.ts';
import { advance as step } from './lifecycle.ts';
import { type PageOf, type PageRequest, pageOf, placeOf, windowOf } from './page.ts';
import * as stems from './stems.ts';
import * as webhooks from './webhooks.ts';

export interface Recording {
  recordingId: RecordingId;
  sessionId: SessionId;
  sessionTitle: string;
  state: State<'recording'>;
  startedAt: Date;
  durationMs: number | null;
  /** Why it stopped or failed, in words. */
  reason: string | null;
  manifestKey: string | null;
  /** Hex. */
  merkleRoot: string | null;
}

const columns = `r.recording_id AS "recordingId", r.session_id AS "sessionId", s.title AS "sessionTitle", r.state,
    r.started_at AS "startedAt", r.duration_ms AS "durationMs", r.reason, r.manifest_key AS "manifestKey",
    r.merkle_root AS "merkleRoot"`;
const from = 'FROM app.recordings r JOIN app.sessions s USING (organization_id, session_id)';
const select = `SELECT ${columns} ${from}`;
/** SQL; r is a recording. Otherwise somebody wants it gone: nobody sees it any more, whether or not that can still be undone. */
export const isKept = `NOT EXISTS (SELECT 1 FROM app.deletions d
  WHERE d.organization_id = r.organization_id AND d.recording_id = r.recording_id)`;
/** An attempt that was refused before anything was recorded is no recording. */
export const isOne = `(r.began OR r.state <> 'incomplete')`;

/** Written before the recorder is asked for anything, in state 'starting'. */
export async function insert(
  tx: Tx,
  recording: { recordingId: RecordingId; sessionId: SessionId; startedAt: Date },
): Promise<void> {
  await tx.change('INSERT INTO app.recordings (recording_id, session_id, started_at) VALUES ($1, $2, $3)', [
    recording.recordingId,
    recording.sessionId,
    recording.startedAt,
  ]);
}

/** @returns null also for one that was deleted */
export const byId = (tx: Tx, recordingId: RecordingId): Promise<Recording | null> =>
  tx.first(`${select} WHERE r.recording_id = $1 AND ${isKept}`, [recordingId]);

/** One that was deleted, too. */
export const everById = (tx: Tx, recordingId: RecordingId): Promise<Recording | null> =>
  tx.first(`${select} WHERE r.recording_id = $1`, [recordingId]);

/** A recording, and what its session key is bound to beside the organization. */
export type KeyedRecording = Pick<Recording, 'recordingId' | 'sessionId'>;

/** All that the organization has ever had, also what is deleted, in the order of their ids; so many after one. */
export const everAfter = (tx: Tx, after: RecordingId | null, limit: number): Promise<KeyedRecording[]> =>
  tx.query(
    `SELECT recording_id AS "recordingId", session_id AS "sessionId" FROM app.recordings
     WHERE $1::uuid IS NULL OR recording_id > $1 ORDER BY recording_id LIMIT $2`,
    [after, limit],
  );

export const countEver = async (tx: Tx): Promise<number> =>
  (await tx.one<{ n: number }>('SELECT count(*) AS n FROM app.recordings')).n;

/** Newest first. */
export const ofSession = (tx: Tx, sessionId: SessionId): Promise<Recording[]> =>
  tx.query(
    `${select} WHERE r.session_id = $1 AND ${isOne} AND ${isKept} ORDER BY r.started_at DESC, r.recording_id`,
    [sessionId],
  );

/** Those of all sessions, newest first. */
export async function list(tx: Tx, page: PageRequest): Promise<PageOf<Recording>> {
  const found = await tx.query<Recording & { place: [string, string] }>(
    `SELECT ${columns}, ${placeOf('r.started_at', 'r.recording_id')} ${from}
     WHERE ${isOne} AND ${isKept} AND ($1::timestamptz IS NULL OR (r.started_at, r.recording_id) < ($1, $2::uuid))
     ORDER BY r.started_at DESC, r.recording_id DESC LIMIT $3`,
    windowOf(page),
  );
  return pageOf(found, page);
}

/** The recordings of the organization that have not come to an end. */
export const unfinished = (tx: Tx): Promise<Recording[]> =>
  tx.query(`${select} WHERE r.state NOT IN ('complete', 'incomplete') ORDER BY r.started_at`);

/** Nobody knows yet how long it is: it counts from its beginning, but a recorder that is lost for days uses up no month. */
const UNKNOWN_AT_MOST = `interval '24 hours'`;

/** How much was recorded in what began since then, deleted or not; and how many recordings have not come to an end. */
export const recordedSince = (tx: Tx, since: Date): Promise<{ ms: number; running: number }> =>
  tx.one(
    `SELECT coalesce(sum(CASE
         WHEN r.duration_ms IS NOT NULL THEN r.duration_ms
         WHEN r.state = 'incomplete' THEN 0
         ELSE extract(epoch FROM least(greatest(now() - r.started_at, interval '0'), ${UNKNOWN_AT_MOST})) * 1000
       END), 0)::float8 AS ms,
       count(*) FILTER (WHERE r.state IN ('starting', 'recording')) AS running
     FROM app.recordings r WHERE r.started_at >= $1`,
    [since],
  );

/** What webhooks hear of a step; of the others, nothing. */
const told: Partial<Record<State<'recording'>, WebhookEvent>> = {
  recording: 'recording.started',
  draining: 'recording.stopped',
  incomplete: 'recording.incomplete',
};

/** Takes a step, and has webhooks told. */
export async function advance(
  tx: Tx,
  recordingId: RecordingId,
  to: State<'recording'>,
  also: { reason?: string } = {},
): Promise<boolean> {
  const moved = await move(tx, recordingId, to, also);
  const event = told[to];
  if (moved && event !== undefined && (await began(tx, recordingId)))
    await webhooks.emit(tx, event, { recordingId });
  return moved;
}

const move = (
  tx: Tx,
  recordingId: RecordingId,
  to: State<'recording'>,
  { reason }: { reason?: string } = {},
): Promise<boolean> =>
  step(tx, 'recording', recordingId, to, {
    ...(reason === undefined ? {} : { reason }),
    ...(to === 'recording' ? { began: true } : {}),
  });

const began = async (tx: Tx, recordingId: RecordingId): Promise<boolean> =>
  (await tx.first('SELECT FROM app.recordings WHERE recording_id = $1 AND began', [recordingId])) !== null;

/**
 * Takes down what the recorder wrote: the recording is complete, has one stem for each person and source, in the
 * order in which `tracks` names them first, and their rendering is queued; all of it or nothing. A recording whose
 * earlier steps were missed is led through them; one that is already complete stays as it is.
 *
 * @returns whether this call completed it
 * @throws AppError `not_found` when the organization has no such recording
 */
export async function finalize(
  tx: Tx,
  done: {
    recordingId: RecordingId;
    /** Of session time zero, by the recorder; without it, what was written when it was asked for stands. */
    startedAt?: Date;
    durationMs: number;
    manifestKey: string;
    merkleRoot: string;
    tracks: readonly { trackId: TrackId; participantId: ParticipantId; source: Source }[];
  },
): Promise<boolean> {
  const { recordingId } = done;
  // Of what was missed, only the end is told.
  for (const to of ['recording', 'draining', 'finalizing'] as const) await move(tx, recordingId, to);
  const completed = await step(tx, 'recording', recordingId, 'complete', {
    duration_ms: Math.round(done.durationMs),
    ...(done.startedAt === undefined ? {} : { started_at: done.startedAt }),
    manifest_key: done.manifestKey,
    merkle_root: done.merkleRoot,
    reason: null,
    began: true,
  });
  if (!completed) {
    if ((await everById(tx, recordingId)) === null) throw errors.notFound('recording');
    return false;
  }
  await webhooks.emit(tx, 'recording.complete', { recordingId });
  if ((await stems.createFor(tx, recordingId, done.tracks)) > 0) {
    await enqueue(tx, 'render-stems', { recordingId });
  }
  return true;
}
