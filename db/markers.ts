import type { AccountId, MarkerId, ParticipantId, RecordingId } from '@cratersync/signaling/protocol';
import type { Tx } from './database.ts';

/** A place in a recording that somebody has given a name. */
export interface Marker {
  markerId: MarkerId;
  /** Since the recording began. */
  atMs: number;
  name: string;
  madeBy: string;
}

const columns = 'marker_id AS "markerId", at_ms AS "atMs", name, made_by AS "madeBy"';

/** In the order of the recording. */
export const ofRecording = (tx: Tx, recordingId: RecordingId): Promise<Marker[]> =>
  tx.query(`SELECT ${columns} FROM app.markers WHERE recording_id = $1 ORDER BY at_ms, marker_id`, [
    recordingId,
  ]);

/** One that the room has set. Written twice, it is there once. */
export const note = (
  tx: Tx,
  recordingId: RecordingId,
  { markerId, atMs, name, madeBy }: Marker,
  by: ParticipantId,
): Promise<number> =>
  tx.change(
    `INSERT INTO app.markers (recording_id, marker_id, at_ms, name, made_by, made_by_account)
     VALUES ($1, $2, $3, $4, $5, (SELECT account_id FROM app.participants WHERE participant_id = $6))
     ON CONFLICT DO NOTHING`,
    [recordingId, markerId, Math.round(atMs), name, madeBy, by],
  );

/** The caller has looked whether there is such a recording, and whether it is so long. */
export const insert = (
  tx: Tx,
  recordingId: RecordingId,
  marker: Omit<Marker, 'markerId'>,
  by: AccountId | null,
): Promise<Marker> =>
  tx.one(
    `INSERT INTO app.markers (recording_id, at_ms, name, made_by, made_by_account) VALUES ($1, $2, $3, $4, $5)
     RETURNING ${columns}`,
    [recordingId, marker.atMs, marker.name, marker.madeBy, by],
  );

/** @returns null when the recording has no such marker */
export const change = (
  tx: Tx,
  recordingId: RecordingId,
  markerId: MarkerId,
  { atMs, name }: { atMs?: number | undefined; name?: string | undefined },
): Promise<Marker | null> =>
  tx.first(
    `UPDATE app.markers SET at_ms = coalesce($3, at_ms), name = coalesce($4, name)
     WHERE recording_id = $1 AND marker_id = $2 RETURNING ${columns}`,
    [recordingId, markerId, atMs ?? null, name ?? null],
  );

/** @returns whether it was there */
export async function remove(tx: Tx, recordingId: RecordingId, markerId: MarkerId): Promise<boolean> {
  const removed = await tx.change('DELETE FROM app.markers WHERE recording_id = $1 AND marker_id = $2', [
    recordingId,
    markerId,
  ]);
  return removed === 1;
}
