import type { Database, portable } from '@cratersync/db';
import type { Region } from '@cratersync/signaling/protocol';
import { objectKeys } from '../format/index.ts';
import type { Keys } from '../keys/index.ts';
import { wrap } from '../keys/wrap.ts';
import { openRecording } from '../reader.ts';
import { ObjectMissing, type ObjectStore } from '../store/index.ts';
import { type LeftOut, NotYet, type Opened } from './contents.ts';
import { goneFor, type PlannedFile } from './entries.ts';

export interface ContentSources {
  db: Database;
  store: ObjectStore;
  keys: Keys;
  /** Of which all that is in the store is; without it, of all. */
  region?: Region | undefined;
}

/** What a wrapped key in an export is bound to. */
export const exportedKeyContext = (recordingId: string): string =>
  `cratersync/exported-key/v1 ${recordingId}`;

/** The sound losslessly, the pictures as they were sent, and how sure their places are. */
const TAKEN = [['flac', 'wav'], ['webm', 'mp4'], ['sync']];

/** The stems of a recording that are there. @throws NotYet while one is being made */
export function stemFiles(
  place: portable.RecordingPlace,
  found: NonNullable<Awaited<ReturnType<typeof portable.recording>>>,
): Opened {
  const { recordingId, sessionId } = place;
  const folder = `recordings/${found.startedAt.toISOString().slice(0, 10)}-${recordingId}`;
  const files: PlannedFile[] = [];
  const leftOut: LeftOut[] = [];
  if (found.stems.length === 0)
    leftOut.push({ recordingId, reason: `it has no stems: it is ${found.state}` });
  for (const { name, state, note, files: made } of found.stems) {
    if (state === 'waiting' || state === 'rendering')
      throw new NotYet(`It waits for ${name}, which is still being made.`);
    if (made.length === 0) leftOut.push({ recordingId, what: name, reason: note ?? 'it could not be made' });
    for (const formats of TAKEN) {
      const file = formats.flatMap(format => made.filter(each => each.format === format))[0];
      if (file === undefined) continue;
      const path = `${folder}/${name}.${file.format === 'sync' ? 'sync.json' : file.format}`;
      files.push({ path, bytes: file.bytes, origin: place, from: { sealed: file.objectKey } });
    }
  }
  return { files, leftOut, recordings: files.length > 0 ? [{ recordingId, sessionId }] : [] };
}

/**
 * The objects of a recording as they lie in the store, its manifest and its chunks, and its key, locked by another one. So no
 * chunk has to be read, and what was verified once is verified the same way there.
 */
export async function sealedFiles(
  { store, keys }: ContentSources,
  place: portable.RecordingPlace,
  wrappingKey: Buffer,
): Promise<Opened> {
  const { recordingId, sessionId } = place;
  const key = objectKeys.manifest(recordingId);
  try {
    const { manifest, sessionKey } = await openRecording(store, keys, place);
    const there = await store.head(key);
    if (there === null) throw new ObjectMissing(key);
    const chunks = manifest.tracks.flatMap(track => track.chunks);
    const files = [{ key, bytes: there.bytes }, ...chunks].map(object => ({
      ...{ path: object.key, bytes: object.bytes, origin: place, from: { object: object.key } },
    }));
    const wrappedKey = wrap(wrappingKey, sessionKey, exportedKeyContext(recordingId)).toString('base64');
    const { merkleRoot } = manifest;
    return { files, recordings: [{ recordingId, sessionId, merkleRoot, wrappedKey }] };
  } catch (error) {
    const reason = goneFor(error);
    if (reason === null) throw error;
    return {
      files: [],
      leftOut: [{ recordingId, reason: error instanceof ObjectMissing ? INCOMPLETE : reason }],
    };
  }
}

const INCOMPLETE = 'it was not ended in order: it has no manifest (cratersync recover can make one)';
/** Of a person's own: their organizations may be of several regions, the store is of one. */
export const elsewhere = (region: Region): string => `it is kept in another region (${region})`;
export const DELETED = 'it was deleted before it was reached';
