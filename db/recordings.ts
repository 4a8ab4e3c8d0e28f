import { randomUUID } from 'node:crypto';
import type {
  ParticipantId,
  RecordingId,
  SessionId,
  Source,
  State,
  TrackId,
} from '@cratersync/signaling/protocol';
import { advance as step } from './lifecycle.ts';
import { organizationOf, type Tx } from './scope.ts';
import { stemName } from './stem-name.ts';

export interface RecordingRow {
  recordingId: RecordingId;
  sessionId: SessionId;
  sessionTitle: string;
  state: State<'recording'>;
  reason: string | null;
  startedAt: Date;
  durationMs: number | null;
}

const select = `SELECT r.recording_id AS "recordingId", r.session_id AS "sessionId", s.title AS "sessionTitle", r.state,
    r.reason, r.started_at AS "startedAt", r.duration_ms AS "durationMs"
  FROM recordings r JOIN sessions s USING (organization_id, session_id)`;

export async function insert(
  tx: Tx,
  recording: { recordingId: RecordingId; sessionId: SessionId; startedAt: Date },
): Promise<void> {
  await tx.query(
    'INSERT INTO recordings (organization_id, recording_id, session_id, started_at) VALUES ($1, $2, $3, $4)',
    [organizationOf(tx), recording.recordingId, recording.sessionId, recording.startedAt],
  );
}

export async function byId(tx: Tx, recordingId: RecordingId): Promise<RecordingRow | null> {
  const { rows } = await tx.query<RecordingRow>(`${select} WHERE r.recording_id = $1`, [recordingId]);
  return rows[0] ?? null;
}

/** Newest first. Attempts that were refused before anything was recorded are not recordings. */
export async function ofSession(tx: Tx, sessionId: SessionId): Promise<RecordingRow[]> {
  const { rows } = await tx.query<RecordingRow>(
    `${select} WHERE r.session_id = $1 AND (r.state <> 'incomplete' OR r.duration_ms IS NOT NULL)
     ORDER BY r.started_at DESC`,
    [sessionId],
  );
  return rows;
}

export async function advance(
  tx: Tx,
  recordingId: RecordingId,
  to: State<'recording'>,
  change: { reason?: string } = {},
): Promise<boolean> {
  const moved = await step(tx, 'recording', recordingId, to);
  if (moved && change.reason !== undefined)
    await tx.query('UPDATE recordings SET reason = $2 WHERE recording_id = $1', [recordingId, change.reason]);
  return moved;
}

export interface FinalizedRecording {
  recordingId: RecordingId;
  durationMs: number;
  manifestKey: string;
  merkleRoot: string;
  tracks: { trackId: TrackId; participantId: ParticipantId; source: Source }[];
}

/**
 * The manifest is written: the recording is complete, and its stems are ordered, all in one transaction.
 * @returns false when that had been done before
 */
export async function finalize(tx: Tx, recording: FinalizedRecording): Promise<boolean> {
  const { recordingId, durationMs, manifestKey, merkleRoot, tracks } = recording;
  if (!(await advance(tx, recordingId, 'complete'))) return false;
  await tx.query(
    'UPDATE recordings SET duration_ms = $2, manifest_key = $3, merkle_root = $4 WHERE recording_id = $1',
    [recordingId, durationMs, manifestKey, merkleRoot],
  );
  await orderStems(tx, recordingId, tracks);
  await tx.query(`SELECT app.enqueue_job('render-stems', $1::json, $2)`, [
    JSON.stringify({ organizationId: organizationOf(tx), recordingId }),
    `render-stems:${recordingId}`,
  ]);
  return true;
}

/** One stem for each person and source, numbered by person in the order in which they were first heard. */
async function orderStems(
  tx: Tx,
  recordingId: RecordingId,
  tracks: FinalizedRecording['tracks'],
): Promise<void> {
  const people = [...new Set(tracks.map(track => track.participantId))];
  const { rows } = await tx.query<{ participantId: string; displayName: string }>(
    `SELECT participant_id AS "participantId", display_name AS "displayName" FROM participants
     WHERE participant_id = ANY($1)`,
    [people],
  );
  const names = new Map(rows.map(row => [row.participantId, row.displayName]));
  const stems = new Map(tracks.map(track => [`${track.participantId} ${track.source}`, track]));
  let position = 0;
  for (const { participantId, source } of stems.values()) {
    const name = stemName(people.indexOf(participantId) + 1, names.get(participantId) ?? '', source);
    await tx.query(
      `INSERT INTO stems (organization_id, stem_id, recording_id, participant_id, source, position, name)
       VALUES ($1, $2, $3, $4, $5, $6, $7)`,
      [organizationOf(tx), randomUUID(), recordingId, participantId, source, position, name],
    );
    position += 1;
  }
}
