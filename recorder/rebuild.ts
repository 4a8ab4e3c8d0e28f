import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { kindOf, type RecordingId, type TrackId } from '@cratersync/signaling/protocol';
import {
  decodeRecords,
  FormatError,
  HEAD_BYTES,
  type JournalRecord,
  type ManifestTrack,
  objectKeys,
  openSealed,
  readHead,
  type TrackOrigin,
} from './format/index.ts';
import { Ledger } from './journal/ledger.ts';
import type { ObjectStore } from './store/index.ts';

export interface RebuiltTrack {
  track: Omit<ManifestTrack, 'streams' | 'gaps' | 'counters'>;
  ledger: Ledger;
  origin: TrackOrigin;
  /** Session time at which it was closed because the recording was stopped. */
  stoppedUs: number | null;
}

export interface Rebuilt {
  /** In the order in which they were opened. */
  tracks: RebuiltTrack[];
  /** Session time of the last record. */
  endUs: number;
  /** Chunks that cannot be made use of, or only up to some frame. */
  faults: { key: string; reason: string }[];
}

/**
 * What a recording's chunks in the store tell by themselves, to whoever has no catalogue of them. Each is opened, and
 * its records are replayed into the track's account; one chunk is in memory at a time.
 * @param except tracks that somebody else accounts for
 */
export async function rebuildTracks(options: {
  store: ObjectStore;
  sessionKey: Uint8Array;
  recordingId: RecordingId;
  except?: ReadonlySet<string>;
  onProgress?: (done: number, of: number) => void;
}): Promise<Rebuilt> {
  const { store, recordingId, except = new Set(), onProgress = () => {} } = options;
  const byTrack = new Map<string, string[]>();
  for await (const { key } of store.list(objectKeys.tracksPrefix(recordingId))) {
    const trackId = key.split('/').at(-2) ?? '';
    if (!except.has(trackId)) byTrack.set(trackId, [...(byTrack.get(trackId) ?? []), key]);
  }
  const rebuilt: Rebuilt = { tracks: [], endUs: 0, faults: [] };
  const total = [...byTrack.values()].reduce((sum, keys) => sum + keys.length, 0);
  let done = 0;
  const onChunk = () => {
    done += 1;
    onProgress(done, total);
  };
  for (const [trackId, keys] of byTrack) {
    const track = await rebuildTrack({ ...options, onChunk }, trackId as TrackId, keys, rebuilt.faults);
    if (track === null) continue;
    rebuilt.tracks.push(track);
    for (const { endUs } of track.track.chunks) rebuilt.endUs = Math.max(rebuilt.endUs, endUs);
  }
  rebuilt.tracks.sort(({ origin: a }, { origin: b }) => a.holder - b.holder || a.position - b.position);
  return rebuilt;
}

async function rebuildTrack(
  options: { store: ObjectStore; sessionKey: Uint8Array; recordingId: RecordingId; onChunk: () => void },
  trackId: TrackId,
  keys: string[],
  faults: Rebuilt['faults'],
): Promise<RebuiltTrack | null> {
  const { store, sessionKey, recordingId, onChunk } = options;
  let track: RebuiltTrack | null = null;
  for (const key of await inOrder(store, keys, faults)) {
    const bytes = await buffer(await store.get(key));
    onChunk();
    const { header, frames, complete, error } = opened(sessionKey, bytes);
    if (header === null || header.keyId !== recordingId || header.trackId !== trackId) {
      faults.push({ key, reason: error ?? 'it is not a chunk of this track' });
      continue;
    }
    // The frames before the damage are genuine, and worth having.
    if (!complete) faults.push({ key, reason: error ?? 'it is cut off' });
    const records = frames.flatMap(frame => [...decodeRecords(frame)]);
    track ??= begin(trackId, records);
    if (track === null) {
      if (complete) faults.push({ key, reason: 'it does not say whose track it is' });
      continue;
    }
    const { epoch, sequence, startUs } = header;
    const chunk = { key, epoch, sequence, bytes: bytes.length, sha256: sha256(bytes), startUs };
    const before = track.track.chunks.at(-1);
    // A chunk that is missing between two: the recorder's disk, or the store, has lost it.
    if (before !== undefined && sequence > before.sequence + 1)
      track.ledger.event({ kind: 'damaged', fromUs: before.endUs, toUs: startUs }, startUs);
    track.track.chunks.push({ ...chunk, ...replay(track, records, startUs) });
  }
  return track;
}

/** By their place in the chain; of two with the same the one that was sealed first, which the other salvages. */
async function inOrder(store: ObjectStore, keys: string[], faults: Rebuilt['faults']): Promise<string[]> {
  const places = new Map<number, { key: string; epoch: number }>();
  for (const key of keys) {
    const head = headOf(await buffer(await store.get(key, { start: 0, end: HEAD_BYTES - 1 })));
    if (typeof head === 'string') {
      faults.push({ key, reason: head });
      continue;
    }
    const known = places.get(head.sequence);
    if (known === undefined || head.epoch < known.epoch)
      places.set(head.sequence, { key, epoch: head.epoch });
  }
  return [...places].sort(([a], [b]) => a - b).map(([, { key }]) => key);
}

/** @returns what is wrong with it, when it is none */
function headOf(bytes: Buffer) {
  try {
    return readHead(bytes);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return error.message;
  }
}

function opened(sessionKey: Uint8Array, bytes: Buffer) {
  try {
    return openSealed(sessionKey, bytes);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    return { header: null, frames: [], complete: false, error: error.message };
  }
}

function begin(trackId: TrackId, records: JournalRecord[]): RebuiltTrack | null {
  for (const record of records) {
    if (record.type !== 'event' || record.event.kind !== 'track') continue;
    const { kind, ...origin } = record.event;
    const { participantId, source } = origin;
    const track = { trackId, participantId, source, chunks: [] };
    return { track, ledger: new Ledger(kindOf(source)), origin, stoppedUs: null };
  }
  return null;
}

function replay(track: RebuiltTrack, records: JournalRecord[], startUs: number) {
  let [packets, endUs] = [0, startUs];
  for (const record of records) {
    track.ledger.apply(record);
    if (record.type === 'event' && record.event.kind === 'closed' && record.event.cause === 'stopped')
      track.stoppedUs = record.atUs;
    endUs = Math.max(endUs, record.atUs);
    if (record.type === 'rtp') packets += 1;
  }
  return { packets, endUs };
}

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
