import {
  errors,
  type ParticipantId,
  type RecordingId,
  type SessionId,
  type Source,
  type State,
  type TrackId,
} from '@cratersync/signaling/protocol';
import type { Tx } from './database.ts';
import { enqueue } from './jobs.ts';
import { advance as step } from './lifecycle.ts';
import * as stems from './stems.ts';

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

const select = `
  SELECT r.recording_id AS "recordingId", r.session_id AS "sessionId", s.title AS "sessionTitle", r.state,
    r.started_at AS "startedAt", r.duration_ms AS "durationMs", r.reason, r.manifest_key AS "manifestKey",
    r.merkle_root AS "merkleRoot"
  FROM app.recordings r JOIN app.sessions s USING (organization_id, session_id)`;

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

export const byId = (tx: Tx, recordingId: RecordingId): Promise<Recording | null> =>
  tx.first(`${select} WHERE r.recording_id = $1`, [recordingId]);

/** Newest first. An attempt that was refused before anything was recorded is no recording. */
export const ofSession = (tx: Tx, sessionId: SessionId): Promise<Recording[]> =>
  tx.query(
    `${select} WHERE r.session_id = $1 AND (r.began OR r.state <> 'incomplete')
     ORDER BY r.started_at DESC, r.recording_id`,
    [sessionId],
  );

/** The recordings of the organization that have not come to an end. */
export const unfinished = (tx: Tx): Promise<Recording[]> =>
  tx.query(`${select} WHERE r.state NOT IN ('complete', 'incomplete') ORDER BY r.started_at`);

export const advance = (
  tx: Tx,
  recordingId: RecordingId,
  to: State<'recording'>,
  { reason }: { reason?: string } = {},
): Promise<boolean> =>
  step(tx, 'recording', recordingId, to, {
    ...(reason === undefined ? {} : { reason }),
    ...(to === 'recording' ? { began: true } : {}),
  });

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
  for (const to of ['recording', 'draining', 'finalizing'] as const) await advance(tx, recordingId, to);
  const completed = await step(tx, 'recording', recordingId, 'complete', {
    duration_ms: Math.round(done.durationMs),
    ...(done.startedAt === undefined ? {} : { started_at: done.startedAt }),
    manifest_key: done.manifestKey,
    merkle_root: done.merkleRoot,
    reason: null,
    began: true,
  });
  if (!completed) {
    if ((await byId(tx, recordingId)) === null) throw errors.notFound('recording');
    return false;
  }
  if ((await stems.createFor(tx, recordingId, done.tracks)) > 0) {
    await enqueue(tx, 'render-stems', { recordingId });
  }
  return true;
}
