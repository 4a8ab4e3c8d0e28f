import { join } from 'node:path';
import type { RecordingId } from '@cratersync/signaling/protocol';
import { cataloguedRecordings } from '../journal/catalogue.ts';

/**
 * Whether the journal of this machine's recorder has the recording, and perhaps parts of it that the store has not.
 * Only looks, so the recorder may be running.
 */
export async function heldHere(dataDir: string, recordingId: RecordingId): Promise<boolean> {
  return (await cataloguedRecordings(join(dataDir, 'recorder', 'catalogue'))).has(recordingId);
}
