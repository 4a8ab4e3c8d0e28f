import type { ParticipantId, RecordingId, Source, State, StemId } from '@cratersync/signaling/protocol';
import { advance as step } from './lifecycle.ts';
import { organizationOf, type Tx } from './scope.ts';

export type StemFormat = 'wav' | 'flac' | 'mp4' | 'webm';
export interface StemFileRow {
  format: StemFormat;
  objectKey: string;
  /** Of the plaintext. */
  bytes: number;
}
export interface StemRow {
  stemId: StemId;
  participantId: ParticipantId;
  participantName: string;
  source: Source;
  name: string;
  state: State<'stem'>;
  progress: number;
  durationMs: number | null;
  note: string | null;
  files: StemFileRow[];
}

/** In the order of the people. */
export async function ofRecording(tx: Tx, recordingId: RecordingId): Promise<StemRow[]> {
  const { rows } = await tx.query<StemRow>(
    `SELECT s.stem_id AS "stemId", s.participant_id AS "participantId", p.display_name AS "participantName", s.source,
       s.name, s.state, s.progress, s.duration_ms AS "durationMs", s.note,
       coalesce((SELECT json_agg(json_build_object('format', f.format, 'objectKey', f.object_key, 'bytes', f.bytes)
          ORDER BY f.format DESC) FROM stem_files f
         WHERE f.organization_id = s.organization_id AND f.stem_id = s.stem_id), '[]') AS files
     FROM stems s JOIN participants p USING (organization_id, participant_id)
     WHERE s.recording_id = $1 ORDER BY s.position`,
    [recordingId],
  );
  return rows;
}

export async function advance(
  tx: Tx,
  stemId: StemId,
  to: State<'stem'>,
  change: { note?: string | null } = {},
): Promise<boolean> {
  const moved = await step(tx, 'stem', stemId, to);
  if (moved && change.note !== undefined)
    await tx.query('UPDATE stems SET note = $2 WHERE stem_id = $1', [stemId, change.note]);
  return moved;
}

/** @param progress 0..1 */
export async function setProgress(tx: Tx, stemId: StemId, progress: number): Promise<void> {
  await tx.query('UPDATE stems SET progress = $2 WHERE stem_id = $1', [stemId, progress]);
}

/** Replaces the files of a stem; the caller moves it to `ready` in the same transaction. */
export async function setFiles(
  tx: Tx,
  stemId: StemId,
  rendered: { durationMs: number; files: StemFileRow[] },
): Promise<void> {
  await tx.query('UPDATE stems SET duration_ms = $2, progress = 1 WHERE stem_id = $1', [
    stemId,
    rendered.durationMs,
  ]);
  await tx.query('DELETE FROM stem_files WHERE stem_id = $1', [stemId]);
  for (const { format, objectKey, bytes } of rendered.files)
    await tx.query(
      'INSERT INTO stem_files (organization_id, stem_id, format, object_key, bytes) VALUES ($1, $2, $3, $4, $5)',
      [organizationOf(tx), stemId, format, objectKey, bytes],
    );
}
