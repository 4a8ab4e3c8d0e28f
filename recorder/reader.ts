import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import type { RecordingId } from '@cratersync/signaling/protocol';
import {
  decodeManifest,
  decodeRecords,
  FormatError,
  type JournalRecord,
  type Manifest,
  type ManifestTrack,
  merkleRoot,
  objectKeys,
  openSealed,
} from './format/index.ts';
import type { KeyContext, Keys } from './keys/index.ts';
import { letGo } from './let-go.ts';
import { ObjectMissing, type ObjectStore } from './store/index.ts';

/** A stretch of a track that cannot be read, in place of its records. */
export interface Damaged {
  type: 'damaged';
  key: string;
  reason: string;
  startUs: number;
  endUs: number;
}

export interface RecordingReader {
  manifest: Manifest;
  sessionKey: Buffer;
  /** In the order of arrival; one chunk is in memory at a time. What follows a damaged place goes on with the next chunk. */
  records(track: ManifestTrack): AsyncGenerator<JournalRecord | Damaged>;
  /** The same, some at a time: for those who read millions. */
  batches(track: ManifestTrack): AsyncGenerator<(JournalRecord | Damaged)[]>;
}

/**
 * Opens a finished recording.
 * @throws `erased` without a key; ObjectMissing without a manifest; FormatError when the manifest does not hold
 */
export async function openRecording(
  store: Pick<ObjectStore, 'get'>,
  keys: Pick<Keys, 'sessionKey'>,
  context: KeyContext & { recordingId: RecordingId },
): Promise<RecordingReader> {
  const sessionKey = await keys.sessionKey(context, context.recordingId);
  const sealed = await buffer(await store.get(objectKeys.manifest(context.recordingId)));
  const opened = openSealed(sessionKey, sealed);
  if (!opened.complete)
    throw new FormatError(`the manifest does not hold: ${opened.error ?? 'it is cut off'}`);
  if (opened.header.purpose !== 'manifest' || opened.header.keyId !== context.recordingId)
    throw new FormatError('the object in the manifest’s place is not this recording’s manifest');
  const manifest = decodeManifest(Buffer.concat(opened.frames));
  const hashes = manifest.tracks.flatMap(track =>
    track.chunks.map(chunk => Buffer.from(chunk.sha256, 'hex')),
  );
  if (merkleRoot(hashes).toString('hex') !== manifest.merkleRoot)
    throw new FormatError('the manifest’s chunks do not give its Merkle root');
  const batches = (track: ManifestTrack) => readBatches(store, sessionKey, track);
  return {
    manifest,
    sessionKey,
    batches,
    async *records(track) {
      for await (const batch of batches(track)) yield* batch;
    },
  };
}

async function* readBatches(
  store: Pick<ObjectStore, 'get'>,
  sessionKey: Buffer,
  track: ManifestTrack,
): AsyncGenerator<(JournalRecord | Damaged)[]> {
  for (const [index, chunk] of track.chunks.entries()) {
    const { frames, fault } = await readChunk(store, sessionKey, track, index);
    let startUs = chunk.startUs;
    for (const frame of frames) {
      const batch = [...decodeRecords(frame)];
      startUs = batch.at(-1)?.atUs ?? startUs;
      yield batch;
    }
    if (fault !== null)
      yield [{ type: 'damaged', key: chunk.key, reason: fault, startUs, endUs: chunk.endUs }];
    letGo(chunk.bytes);
  }
}

/** The frames of a track's nth chunk, as far as they hold, and what is wrong with it. */
export async function readChunk(
  store: Pick<ObjectStore, 'get'>,
  sessionKey: Buffer,
  track: ManifestTrack,
  index: number,
): Promise<{ frames: Buffer[]; fault: string | null }> {
  const chunk = track.chunks[index];
  if (chunk === undefined) throw new RangeError(`the track has no chunk ${index}`);
  try {
    const bytes = await buffer(await store.get(chunk.key));
    const opened = openSealed(sessionKey, bytes);
    const { header } = opened;
    const isIts =
      header.purpose === 'chunk' &&
      header.trackId === track.trackId &&
      header.epoch === chunk.epoch &&
      header.sequence === chunk.sequence;
    if (!isIts) return { frames: [], fault: 'it is another chunk than the manifest says' };
    if (!opened.complete) return { frames: opened.frames, fault: opened.error ?? 'it is cut off' };
    const hash = createHash('sha256').update(bytes).digest('hex');
    if (hash !== chunk.sha256)
      return { frames: opened.frames, fault: 'its SHA-256 differs from the manifest’s' };
    const before = track.chunks[index - 1] ?? { sequence: -1, sha256: '00'.repeat(32) };
    // The one before it may have been lost by the recorder's disk: a gap of the manifest says so.
    const follows =
      before.sequence !== chunk.sequence - 1 ||
      Buffer.from(header.previousHash).toString('hex') === before.sha256;
    return { frames: opened.frames, fault: follows ? null : 'it does not follow the chunk before it' };
  } catch (error) {
    if (error instanceof FormatError) return { frames: [], fault: error.message };
    if (error instanceof ObjectMissing) return { frames: [], fault: 'it is missing from the store' };
    throw error;
  }
}
