import type {
  ParticipantId,
  RecordingId,
  Source,
  State,
  StemFormat,
  StemId,
} from '@cratersync/signaling/protocol';
import type { Tx } from './database.ts';
import { enqueue } from './jobs.ts';
import { advance as step } from './lifecycle.ts';
import { stemName } from './stem-name.ts';
import * as webhooks from './webhooks.ts';

export interface StemFile {
  format: StemFormat;
  objectKey: string;
  /** Of the file as it is downloaded. */
  bytes: number;
}

export interface Stem {
  stemId: StemId;
  recordingId: RecordingId;
  participantId: ParticipantId;
  participantName: string;
  source: Source;
  /** File name without extension: `01-alice-mic`. */
  name: string;
  state: State<'stem'>;
  /** 0..1 */
  progress: number;
  durationMs: number | null;
  /** Why it failed, or what is missing from it, in words. */
  note: string | null;
  files: StemFile[];
}

/** In the order of their names. */
export const ofRecording = (tx: Tx, recordingId: RecordingId): Promise<Stem[]> =>
  tx.query(
    `SELECT t.stem_id AS "stemId", t.recording_id AS "recordingId", t.participant_id AS "participantId",
       p.display_name AS "participantName", t.source, t.name, t.state, t.progress,
       t.duration_ms AS "durationMs", t.note,
       coalesce(
         (SELECT json_agg(json_build_object('format', f.format, 'objectKey', f.object_key, 'bytes', f.bytes)
                          ORDER BY f.format)
          FROM app.stem_files f WHERE f.organization_id = t.organization_id AND f.stem_id = t.stem_id),
         '[]') AS files
     FROM app.stems t JOIN app.participants p USING (organization_id, participant_id)
     WHERE t.recording_id = $1 ORDER BY t.position`,
    [recordingId],
  );

/**
 * One stem for each person and source. People are numbered in the order in which `tracks` names them first, and so
 * are their sources.
 * @returns how many stems that makes
 */
export async function createFor(
  tx: Tx,
  recordingId: RecordingId,
  tracks: readonly { participantId: ParticipantId; source: Source }[],
): Promise<number> {
  const people = [...new Set(tracks.map(track => track.participantId))];
  const named = await tx.query<{ participantId: ParticipantId; displayName: string }>(
    `SELECT participant_id AS "participantId", display_name AS "displayName"
     FROM app.participants WHERE participant_id = ANY ($1)`,
    [people],
  );
  let position = 0;
  for (const [i, participantId] of people.entries()) {
    const displayName = named.find(row => row.participantId === participantId)?.displayName ?? '';
    const sources = new Set(tracks.filter(t => t.participantId === participantId).map(t => t.source));
    for (const source of sources) {
      position += 1;
      await tx.change(
        `INSERT INTO app.stems (recording_id, participant_id, source, position, name) VALUES ($1, $2, $3, $4, $5)`,
        [recordingId, participantId, source, position, stemName(i + 1, displayName, source)],
      );
    }
  }
  return position;
}

export async function advance(
  tx: Tx,
  stemId: StemId,
  to: State<'stem'>,
  { note }: { note?: string | null } = {},
): Promise<boolean> {
  const isEnd = to === 'ready' || to === 'failed';
  // Of stems that end at the same time, one has to see that it is the last.
  if (isEnd)
    await tx.query(
      `SELECT pg_advisory_xact_lock(hashtextextended('stems ' || recording_id, 0)) FROM app.stems WHERE stem_id = $1`,
      [stemId],
    );
  const moved = await step(tx, 'stem', stemId, to, {
    ...(note === undefined ? {} : { note }),
    ...(to === 'ready' ? { progress: 1 } : {}),
  });
  if (moved && isEnd) await tellIfLast(tx, stemId);
  return moved;
}

/** Webhooks hear of the stems when all of them are ready or have failed. */
async function tellIfLast(tx: Tx, stemId: StemId): Promise<void> {
  const { recordingId, open, ...stems } = await tx.one<{
    recordingId: RecordingId;
    open: number;
    ready: number;
    failed: number;
  }>(
    `SELECT recording_id AS "recordingId", count(*) FILTER (WHERE state NOT IN ('ready', 'failed')) AS open,
       count(*) FILTER (WHERE state = 'ready') AS ready, count(*) FILTER (WHERE state = 'failed') AS failed
     FROM app.stems WHERE recording_id = (SELECT recording_id FROM app.stems WHERE stem_id = $1)
     GROUP BY recording_id`,
    [stemId],
  );
  if (open === 0) await webhooks.emit(tx, 'recording.stems_ready', { recordingId, stems });
}

/** @param progress 0..1; what comes late, when the stem is ready, is left out */
export async function setProgress(tx: Tx, stemId: StemId, progress: number): Promise<void> {
  await tx.change(`UPDATE app.stems SET progress = $2 WHERE stem_id = $1 AND state <> 'ready'`, [
    stemId,
    progress,
  ]);
}

/** Puts these files in the place of whatever an earlier rendering left. */
export async function setFiles(
  tx: Tx,
  stemId: StemId,
  rendered: { durationMs: number; files: readonly StemFile[] },
): Promise<void> {
  await tx.change('UPDATE app.stems SET duration_ms = $2 WHERE stem_id = $1', [
    stemId,
    Math.round(rendered.durationMs),
  ]);
  await tx.change('DELETE FROM app.stem_files WHERE stem_id = $1', [stemId]);
  for (const file of rendered.files) {
    await tx.change(
      'INSERT INTO app.stem_files (stem_id, format, object_key, bytes) VALUES ($1, $2, $3, $4)',
      [stemId, file.format, file.objectKey, file.bytes],
    );
  }
}

/**
 * Has stems made again: those that failed, or all of them. Files that are there stay until the new ones are whole.
 * @returns how many
 */
export async function orderAgain(
  tx: Tx,
  recordingId: RecordingId,
  { all }: { all: boolean },
): Promise<number> {
  let ordered = 0;
  for (const { stemId, state } of await ofRecording(tx, recordingId)) {
    const wanted = state === 'failed' || (all && state === 'ready');
    if (wanted && (await step(tx, 'stem', stemId, 'waiting', { note: null, progress: 0 }))) ordered += 1;
  }
  if (ordered > 0) await enqueue(tx, 'render-stems', { recordingId });
  return ordered;
}
