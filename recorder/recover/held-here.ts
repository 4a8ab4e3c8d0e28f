import { join } from 'node:path';
import type { RecordingId } from '@cratersync/signaling/protocol';
import { cataloguedRecordings } from '../journal/catalogue.ts';
import { holderOf } from '../node/holders.ts';
import type { ObjectStore } from '../store/index.ts';
import type { StoredRecording } from './find.ts';

/**
 * Whether the journal of this machine's recorder has the recording, and perhaps parts of it that the store has not.
 * Only looks, so the recorder may be running.
 * @param recorderDir where its journal lies
 */
export async function heldHere(recorderDir: string, recordingId: RecordingId): Promise<boolean> {
  return (await cataloguedRecordings(join(recorderDir, 'catalogue'))).has(recordingId);
}

/** @returns which recorder was the last to have it, or to end it; null when the store has no mark of any */
export async function lastHolder(
  store: ObjectStore,
  { recordingId, holder }: StoredRecording,
): Promise<string | null> {
  return (await holderOf(store, recordingId, holder))?.recorder ?? null;
}
