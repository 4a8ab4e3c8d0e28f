import { buffer } from 'node:stream/consumers';
import type { RecordingId } from '@cratersync/signaling/protocol';
import { decodeRecords, FormatError, HEAD_BYTES, objectKeys, readHead } from './format/index.ts';
import type { Keys } from './keys/index.ts';
import { openRecording, readChunk } from './reader.ts';
import type { ObjectStore } from './store/index.ts';

export interface VerifyReport {
  recordingId: RecordingId;
  /** `holds`: every byte is what the manifest says. `incomplete`: no manifest was written. */
  result: 'holds' | 'damaged' | 'incomplete';
  chunks: number;
  bytes: number;
  packets: number;
  durationMs: number;
  /** What is wrong, by object. */
  faults: { key: string; reason: string }[];
}

/**
 * Reads a recording back, decrypts all of it, and checks hashes, order and manifest. The organization and session come
 * from the manifest's header, which the decryption then proves: whoever runs this is trusted with every tenant.
 * @throws StoreUnavailable, KeysUnavailable, `erased`
 */
export async function verifyRecording(options: {
  store: Pick<ObjectStore, 'get' | 'head' | 'list'>;
  keys: Pick<Keys, 'sessionKey'>;
  recordingId: RecordingId;
  onProgress?: (done: number, of: number) => void;
}): Promise<VerifyReport> {
  const { store, keys, recordingId, onProgress = () => {} } = options;
  const report: VerifyReport = {
    recordingId,
    result: 'holds',
    chunks: 0,
    bytes: 0,
    packets: 0,
    durationMs: 0,
    faults: [],
  };
  const manifestKey = objectKeys.manifest(recordingId);
  if ((await store.head(manifestKey)) === null) return { ...report, result: 'incomplete' };
  try {
    const head = readHead(await buffer(await store.get(manifestKey, { start: 0, end: HEAD_BYTES - 1 })));
    const { organizationId, sessionId } = head;
    const reader = await openRecording(store, keys, { organizationId, sessionId, recordingId });
    const { manifest, sessionKey } = reader;
    report.durationMs = Math.round(manifest.durationUs / 1000);
    const total = manifest.tracks.reduce((sum, track) => sum + track.chunks.length, 0);
    for (const track of manifest.tracks)
      for (const [index, chunk] of track.chunks.entries()) {
        const { frames, fault } = await readChunk(store, sessionKey, track, index);
        report.chunks += 1;
        report.bytes += chunk.bytes;
        for (const frame of frames)
          for (const record of decodeRecords(frame)) if (record.type === 'rtp') report.packets += 1;
        if (fault !== null) report.faults.push({ key: chunk.key, reason: fault });
        onProgress(report.chunks, total);
      }
    await findUnlisted(store, recordingId, manifest.tracks, report);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    report.faults.push({ key: manifestKey, reason: error.message });
  }
  return { ...report, result: report.faults.length === 0 ? 'holds' : 'damaged' };
}

async function findUnlisted(
  store: Pick<ObjectStore, 'list'>,
  recordingId: RecordingId,
  tracks: { chunks: { key: string }[] }[],
  report: VerifyReport,
): Promise<void> {
  const listed = new Set(tracks.flatMap(track => track.chunks.map(chunk => chunk.key)));
  for await (const { key } of store.list(objectKeys.tracksPrefix(recordingId)))
    if (!listed.has(key)) report.faults.push({ key, reason: 'it is in the store, but not in the manifest' });
}
