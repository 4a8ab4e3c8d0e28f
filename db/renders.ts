import type { RecordingId, RenderFormat, RenderId, State, StemId } from '@cratersync/signaling/protocol';
import type { Tx } from './database.ts';
import { enqueue } from './jobs.ts';
import { advance as step } from './lifecycle.ts';

/** What is made when somebody asks for it. */
export interface Render {
  renderId: RenderId;
  recordingId: RecordingId;
  /** Null: of the whole recording. */
  stemId: StemId | null;
  format: RenderFormat;
  state: State<'render'>;
  /** 0..1 */
  progress: number;
  note: string | null;
  /** Of the last one that came out whole. */
  objectKey: string | null;
  bytes: number | null;
}

const select = `
  SELECT render_id AS "renderId", recording_id AS "recordingId", stem_id AS "stemId", format, state, progress, note,
    object_key AS "objectKey", bytes
  FROM app.renders`;

export const ofRecording = (tx: Tx, recordingId: RecordingId): Promise<Render[]> =>
  tx.query(`${select} WHERE recording_id = $1 ORDER BY format, render_id`, [recordingId]);

/** Which formats were ordered of recordings that began since then. */
export const formatsSince = async (tx: Tx, since: Date): Promise<RenderFormat[]> => {
  const rows = await tx.query<{ format: RenderFormat }>(
    `SELECT DISTINCT r.format FROM app.renders r JOIN app.recordings USING (organization_id, recording_id)
     WHERE started_at >= $1 ORDER BY r.format`,
    [since],
  );
  return rows.map(({ format }) => format);
};

export const byId = (tx: Tx, renderId: RenderId): Promise<Render | null> =>
  tx.first(`${select} WHERE render_id = $1`, [renderId]);

/**
 * Orders one: made anew where there is one already, which stays until then. What is on its way already is left alone.
 * The caller has looked whether there are such a recording and stem.
 */
export async function order(
  tx: Tx,
  wanted: { recordingId: RecordingId; stemId: StemId | null; format: RenderFormat },
): Promise<Render> {
  const { recordingId, stemId, format } = wanted;
  const made = await tx.change(
    'INSERT INTO app.renders (recording_id, stem_id, format) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING',
    [recordingId, stemId, format],
  );
  const mine = () =>
    tx.one<Render>(`${select} WHERE recording_id = $1 AND stem_id IS NOT DISTINCT FROM $2 AND format = $3`, [
      recordingId,
      stemId,
      format,
    ]);
  const { renderId } = await mine();
  const queued = made === 1 || (await advance(tx, renderId, 'waiting', { note: null, progress: 0 }));
  if (queued) await enqueue(tx, 'render-extra', { recordingId, renderId });
  return await mine();
}

export const advance = (
  tx: Tx,
  renderId: RenderId,
  to: State<'render'>,
  also: { note?: string | null; progress?: number } = {},
): Promise<boolean> => step(tx, 'render', renderId, to, also);

/** @param progress 0..1 @returns false when it is not being made (any more): somebody has cancelled it */
export async function setProgress(tx: Tx, renderId: RenderId, progress: number): Promise<boolean> {
  const changed = await tx.change(
    `UPDATE app.renders SET progress = $2 WHERE render_id = $1 AND state = 'rendering'`,
    [renderId, progress],
  );
  return changed === 1;
}

/** Puts a whole file in the place of what was there. @returns false when it was cancelled meanwhile */
export const setReady = (
  tx: Tx,
  renderId: RenderId,
  { objectKey, bytes, note }: { objectKey: string; bytes: number; note: string | null },
): Promise<boolean> =>
  step(tx, 'render', renderId, 'ready', { object_key: objectKey, bytes, note, progress: 1 });
