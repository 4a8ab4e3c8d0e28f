import { createHash } from 'node:crypto';
import { hostname } from 'node:os';
import { errors, type RecordingId } from '@cratersync/signaling/protocol';
import {
  encodeManifest,
  type Manifest,
  type ManifestTrack,
  merkleRoot,
  objectKeys,
  sealWhole,
} from '../format/index.ts';
import type { Keys } from '../keys/index.ts';
import { claim } from '../node/holders.ts';
import { openRecording } from '../reader.ts';
import { type Rebuilt, rebuildTracks } from '../rebuild.ts';
import { type ObjectStore, StoreConflict } from '../store/index.ts';
import { findStored, ownerOf, type StoredOwner, type StoredRecording } from './find.ts';

const NO_TRACK = '00000000-0000-0000-0000-000000000000';

export interface Recovered {
  manifest: Manifest;
  /** `there`: the manifest was stored already, by the recorder or by an earlier recovery. */
  outcome: 'written' | 'there';
  /** What of it is damaged or of no use; it was left in the store. */
  faults: { key: string; reason: string }[];
  /** No track says when the recording was stopped: its last record stands for that. */
  endUnknown: boolean;
}

/**
 * Makes a recording whole from nothing but its objects in the store and its key: opens every chunk, replays it into the
 * account of its track, and stores the manifest, once. A recorder that is still at it loses the right to write one; so
 * this is for recordings whose recorder is gone.
 * @throws `not_found` when the store has nothing of it, `conflict` when it is still growing, `erased`, KeysUnavailable,
 * StoreUnavailable; FormatError when a manifest is there and does not hold
 */
export async function recoverFromStore(options: {
  store: ObjectStore;
  keys: Keys;
  recordingId: RecordingId;
  onProgress?: (done: number, of: number) => void;
}): Promise<Recovered> {
  const { store, keys, recordingId } = options;
  const stored = await findStored(store, recordingId);
  const owner = await ownerOf(store, stored);
  if (owner === null) throw errors.notFound('recording with a readable object in the store');
  if (stored.hasManifest) {
    const { manifest } = await openRecording(store, keys, { ...owner, recordingId });
    return { manifest, outcome: 'there', faults: [], endUnknown: false };
  }
  const sessionKey = await keys.sessionKey(owner, recordingId);
  const rebuilt = await rebuildTracks({ ...options, sessionKey });
  const faults = [...rebuilt.faults, ...missingChunks(rebuilt)];
  const { manifest, endUnknown } = compose(owner, recordingId, rebuilt);
  await end(store, stored);
  if (await put(store, sessionKey, manifest)) return { manifest, outcome: 'written', faults, endUnknown };
  const first = await openRecording(store, keys, { ...owner, recordingId });
  return { manifest: first.manifest, outcome: 'there', faults, endUnknown: false };
}

function compose(owner: StoredOwner, recordingId: RecordingId, { tracks, endUs }: Rebuilt) {
  const [first] = tracks;
  if (first === undefined)
    throw errors.conflict('No chunk of this recording can be opened: there is nothing to recover.');
  const stops = tracks.flatMap(({ stoppedUs }) => stoppedUs ?? []);
  const durationUs = stops.length === 0 ? endUs : Math.max(...stops);
  const accounts = tracks.map(({ track, ledger }): ManifestTrack => {
    // What was not closed was cut off, with its recorder.
    ledger.restarted(ledger.accountedUs);
    return { ...track, ...ledger.finish(durationUs) };
  });
  const leaves = accounts.flatMap(({ chunks }) => chunks.map(({ sha256 }) => Buffer.from(sha256, 'hex')));
  const manifest: Manifest = {
    version: 1,
    ...owner,
    recordingId,
    startedAt: first.origin.startedAt,
    durationUs,
    tracks: accounts,
    merkleRoot: merkleRoot(leaves).toString('hex'),
  };
  return { manifest, endUnknown: stops.length === 0 };
}

/** Places in the chains of chunks that nothing fills. What is missing behind the last chunk shows nowhere. */
function missingChunks({ tracks }: Rebuilt): Recovered['faults'] {
  return tracks.flatMap(({ track }) => {
    let expected = 0;
    return track.chunks.flatMap(({ key, sequence }) => {
      const missing = sequence - expected;
      expected = sequence + 1;
      if (missing === 0) return [];
      return [{ key, reason: `${missing} of its track are missing before it` }];
    });
  });
}

/** From here on no recorder can go on with it or end it; and nobody has done either since we looked. */
async function end(store: ObjectStore, before: StoredRecording): Promise<void> {
  const { recordingId, chunks, holder } = before;
  const now = await findStored(store, recordingId);
  const claimed =
    now.chunks.length === chunks.length &&
    (await claim(store, recordingId, holder + 1, {
      recorder: `cratersync recover on ${hostname()}`,
      purpose: 'close',
    }));
  if (!claimed)
    throw errors.conflict(
      'A recorder has stored more of this recording just now. Leave it to that recorder, or stop it and try again.',
    );
}

/** @returns false when another manifest is there */
async function put(store: ObjectStore, sessionKey: Uint8Array, manifest: Manifest): Promise<boolean> {
  const { organizationId, sessionId, recordingId, tracks } = manifest;
  const epochs = tracks.flatMap(({ chunks }) => chunks.map(({ epoch }) => epoch));
  const header = {
    purpose: 'manifest',
    organizationId,
    sessionId,
    keyId: recordingId,
    trackId: NO_TRACK,
    epoch: epochs.reduce((latest, epoch) => Math.max(latest, epoch), 0),
    sequence: 0,
    startUs: 0,
    previousHash: Buffer.alloc(32),
  } as const;
  const body = sealWhole(sessionKey, header, encodeManifest(manifest));
  try {
    const sha256 = createHash('sha256').update(body).digest('hex');
    await store.put(objectKeys.manifest(recordingId), body, sha256);
    return true;
  } catch (error) {
    if (error instanceof StoreConflict) return false;
    throw error;
  }
}
