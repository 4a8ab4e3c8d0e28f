import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLog, systemClock } from '@cratersync/infra/runtime';
import { type ObjectStore, openStore } from '@cratersync/recorder/store';
import { FrameLog, type SealedChunk, Uploader } from '@cratersync/recorder/testing';
import type { RecordingId, TrackId } from '@cratersync/signaling/protocol';
import { type Figures, median } from './figures.ts';

const CHUNKS = 32;
const CHUNK_BYTES = 8 << 20;
const FRAME_BYTES = 64 << 10;
/** As many as the uploader has under way. */
const CONCURRENT = 4;
const TURNS = 3;
const MEBIBYTES = (CHUNKS * CHUNK_BYTES) / 2 ** 20;

/** How fast the uploader brings chunks from the log to the store of files, and how fast that takes them by itself. */
export async function measureUpload(figures: Figures): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'cratersync-upload-'));
  const store = await openStore({ DATA_DIR: folder });
  const bodies = Array.from({ length: CHUNKS }, () => randomBytes(CHUNK_BYTES));
  const [putMbPerS, uploadMbPerS]: number[][] = [[], []];
  try {
    for (let turn = 0; turn < TURNS; turn += 1) {
      putMbPerS?.push(MEBIBYTES / (await secondsOf(() => putAll(store, bodies, turn))));
      const upload = await prepareUpload(store, bodies, join(folder, `log-${turn}`));
      uploadMbPerS?.push(MEBIBYTES / (await secondsOf(upload)));
    }
  } finally {
    await store.close();
    await rm(folder, { recursive: true });
  }
  const said = `${CHUNKS} chunks of 8 MiB, ${CONCURRENT} at a time, store of files; median of ${TURNS}`;
  figures.set('upload_mb_per_s', median(uploadMbPerS ?? []), `MiB/s, from the log by the uploader; ${said}`);
  figures.set('store_put_mb_per_s', median(putMbPerS ?? []), 'MiB/s, put from memory: the store’s own limit');
}

async function secondsOf(work: () => Promise<void>): Promise<number> {
  const startMs = performance.now();
  await work();
  return (performance.now() - startMs) / 1000;
}

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

async function putAll(store: ObjectStore, bodies: Buffer[], turn: number): Promise<void> {
  const next = bodies.entries();
  const lane = async () => {
    for (const [index, body] of next) await store.put(`direct/${turn}-${index}`, body, sha256(body));
  };
  await Promise.all(Array.from({ length: CONCURRENT }, lane));
}

/** Writes the chunks to a log. @returns what uploads them all */
async function prepareUpload(
  store: ObjectStore,
  bodies: Buffer[],
  directory: string,
): Promise<() => Promise<void>> {
  await mkdir(directory);
  const frames = new FrameLog({ directory, epoch: 1, maxSegmentBytes: 64 << 20, openFile: open });
  const recordingId = randomUUID() as RecordingId;
  const trackId = randomUUID() as TrackId;
  const chunks: SealedChunk[] = [];
  for (const [sequence, body] of bodies.entries()) {
    const number = frames.nextChunk();
    const entries = Array.from({ length: CHUNK_BYTES / FRAME_BYTES }, (_, index) =>
      frames.append(number, index, body.subarray(index * FRAME_BYTES, (index + 1) * FRAME_BYTES)),
    );
    await frames.commit();
    const times = { startUs: 0, endUs: 1, packets: 1 };
    const bytes = body.length;
    chunks.push({ recordingId, trackId, epoch: 1, sequence, bytes, sha256: sha256(body), ...times, entries });
  }
  await frames.close();
  const fail = () => {
    throw new Error('a chunk could not be stored');
  };
  const uploader = new Uploader({
    store,
    clock: systemClock,
    log: createLog('bench', 'warn'),
    onStored: () => {},
    onLost: fail,
    onStalled: () => {},
  });
  return async () => {
    for (const chunk of chunks) uploader.add(chunk);
    await uploader.drained(recordingId);
  };
}
