import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import { type Log, retry } from '@cratersync/infra/runtime';
import type { TrackId } from '@cratersync/signaling/protocol';
import {
  decodeManifest,
  encodeManifest,
  type Gap,
  type Manifest,
  type ManifestTrack,
  merkleRoot,
  objectKeys,
  openSealed,
  sealWhole,
} from '../format/index.ts';
import type { ChunkRow, RecordingRow } from '../journal/catalogue-entries.ts';
import type { Journal } from '../journal/journal.ts';
import { type ObjectStore, StoreConflict } from '../store/index.ts';

const NO_TRACK = '00000000-0000-0000-0000-000000000000';

export interface ManifestWork {
  journal: Journal;
  store: ObjectStore;
  log: Log;
  row: RecordingRow;
  /** What the ledgers say, by track. */
  accounts: Map<TrackId, Pick<ManifestTrack, 'streams' | 'gaps' | 'counters'>>;
  /** Tracks of recorders that had the recording before this one. */
  earlier: ManifestTrack[];
  sessionKey: Buffer;
  signal: AbortSignal;
}

/**
 * Stores the manifest of a recording, exactly once: its bytes are in the catalogue before the store sees them, so that
 * whoever repeats this after a crash sends the same ones. One that is there already and opens with this
 * recording's key is the recording's manifest, and is taken for it.
 */
export async function storeManifest(work: ManifestWork): Promise<void> {
  const { journal, store, log, row, sessionKey, signal } = work;
  const { recordingId } = row;
  if (row.manifest === null) {
    const manifest = composeManifest(work);
    const body = seal(work, manifest).toString('base64');
    journal.catalogue.append({ type: 'manifest', recordingId, merkleRoot: manifest.merkleRoot, body });
    await journal.durable();
  }
  const body = Buffer.from(row.manifest?.body ?? '', 'base64');
  const key = objectKeys.manifest(recordingId);
  const sha256 = createHash('sha256').update(body).digest('hex');
  await retry(
    async () => {
      try {
        await store.put(key, body, sha256);
      } catch (error) {
        if (!(error instanceof StoreConflict)) throw error;
        const there = await buffer(await store.get(key));
        const { merkleRoot } = openManifest(sessionKey, there);
        log.warn({ recordingId }, 'the manifest was there already; taking it');
        journal.catalogue.append({
          type: 'manifest',
          recordingId,
          merkleRoot,
          body: there.toString('base64'),
        });
      }
    },
    {
      signal,
      onRetry: error => log.warn({ err: error, key }, 'the manifest could not be stored; trying again'),
    },
  );
}

function composeManifest({ row, accounts, earlier }: ManifestWork): Manifest {
  const { organizationId, sessionId, recordingId, startedAtMs, durationUs } = row;
  const own = Array.from(
    row.tracks.values(),
    ({ trackId, participantId, source, chunks, damaged }): ManifestTrack => {
      const account = accounts.get(trackId);
      if (account === undefined) throw new Error(`nothing is known of track ${trackId}`);
      return {
        trackId,
        participantId,
        source,
        chunks: chunks.map(({ stored, ...chunk }) => ({
          key: objectKeys.chunk(recordingId, trackId, chunk.epoch, chunk.sequence),
          ...chunk,
        })),
        ...account,
        gaps: withDamage(account.gaps, damaged),
      };
    },
  );
  const tracks = [...earlier, ...own];
  const leaves = tracks.flatMap(({ chunks }) => chunks.map(({ sha256 }) => Buffer.from(sha256, 'hex')));
  return {
    version: 1,
    organizationId,
    sessionId,
    recordingId,
    startedAt: new Date(startedAtMs).toISOString(),
    durationUs: durationUs ?? 0,
    tracks,
    merkleRoot: merkleRoot(leaves).toString('hex'),
  };
}

/** Chunks that the recorder's disk has lost are gaps like any other. */
function withDamage(gaps: Gap[], damaged: ChunkRow[]): Gap[] {
  const lost = damaged.map(({ startUs, endUs }) => ({ startUs, endUs, cause: 'recorder-damaged' as const }));
  return [...gaps, ...lost].sort((a, b) => a.startUs - b.startUs || a.endUs - b.endUs);
}

function seal({ row, sessionKey, journal }: ManifestWork, manifest: Manifest): Buffer {
  const { organizationId, sessionId, recordingId } = row;
  return sealWhole(
    sessionKey,
    {
      purpose: 'manifest',
      organizationId,
      sessionId,
      keyId: recordingId,
      trackId: NO_TRACK,
      epoch: journal.epoch,
      sequence: 0,
      startUs: 0,
      previousHash: Buffer.alloc(32),
    },
    encodeManifest(manifest),
  );
}

/** What stands in a manifest of ours, or of whoever was faster. */
export function openManifest(sessionKey: Buffer, object: Buffer): Manifest {
  const { frames, error } = openSealed(sessionKey, object);
  if (error !== null) throw new Error(`the manifest that is stored is damaged: ${error}`);
  return decodeManifest(Buffer.concat(frames));
}
