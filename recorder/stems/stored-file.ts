import type { ObjectStore } from '../store/index.ts';
import { MEDIA_START } from './mp4.ts';
import type { AudioShape } from './pcm.ts';
import { readSealed } from './sealed-source.ts';
import { BYTES_PER_SAMPLE } from './wav.ts';

/** A rendered file that lies in the store; any part of it can be read, decrypted. */
export interface StoredFile {
  bytes: number;
  /** @param end inclusive */
  read(start: number, end: number): AsyncGenerator<Buffer>;
}

export const storedFile = (
  store: Pick<ObjectStore, 'get'>,
  sessionKey: Uint8Array,
  { objectKey, bytes }: { objectKey: string; bytes: number },
): StoredFile => ({ bytes, read: (start, end) => readSealed(store, objectKey, sessionKey, start, end) });

export interface StoredWav extends AudioShape {
  /** The samples alone. @param onRead is told how much of them has been read, 0..1 */
  pcm(onRead?: (fraction: number) => void): AsyncGenerator<Buffer>;
}

const WAV_HEAD_BYTES = 1024;

/** @throws RangeError when it is not a WAV of ours */
export async function openWav(file: StoredFile): Promise<StoredWav> {
  const head = await collect(file.read(0, Math.min(WAV_HEAD_BYTES, file.bytes) - 1));
  const formatAt = head.indexOf('fmt ', 12, 'latin1');
  const dataAt = head.indexOf('data', formatAt, 'latin1');
  if (formatAt < 0 || dataAt < 0) throw new RangeError('not a WAV file');
  const channels = head.readUInt16LE(formatAt + 10) === 2 ? 2 : 1;
  const totalSamples = Math.floor((file.bytes - dataAt - 8) / (channels * BYTES_PER_SAMPLE));
  const first = dataAt + 8;
  const end = first + totalSamples * channels * BYTES_PER_SAMPLE;
  return {
    channels,
    totalSamples,
    async *pcm(onRead) {
      let read = first;
      if (end === first) return;
      for await (const part of file.read(first, end - 1)) {
        read += part.length;
        onRead?.((read - first) / (end - first));
        yield part;
      }
    },
  };
}

/**
 * An MP4 file of ours as it can be read from a pipe: the tables before the media, whose places move back by as much.
 */
export async function* mp4TablesFirst(file: StoredFile): AsyncGenerator<Buffer> {
  const head = await collect(file.read(0, MEDIA_START - 1));
  const mediaBytes = Number(head.readBigUInt64BE(MEDIA_START - 8));
  const fileTypeBytes = head.readUInt32BE(0);
  const tablesAt = fileTypeBytes + mediaBytes;
  const tables = await collect(file.read(tablesAt, file.bytes - 1));
  moveOffsets(tables, 8, tables.length, tables.length);
  yield head.subarray(0, fileTypeBytes);
  yield tables;
  yield head.subarray(fileTypeBytes);
  yield* file.read(MEDIA_START, tablesAt - 1);
}

const CONTAINERS = new Set(['trak', 'mdia', 'minf', 'stbl']);

function moveOffsets(tables: Buffer, from: number, to: number, by: number): void {
  for (let at = from; at < to; ) {
    const bytes = tables.readUInt32BE(at);
    const type = tables.toString('latin1', at + 4, at + 8);
    if (CONTAINERS.has(type)) moveOffsets(tables, at + 8, at + bytes, by);
    if (type === 'co64') {
      const entries = tables.readUInt32BE(at + 12);
      for (let entry = at + 16; entry < at + 16 + 8 * entries; entry += 8) {
        tables.writeBigUInt64BE(tables.readBigUInt64BE(entry) + BigInt(by), entry);
      }
    }
    at += bytes;
  }
}

/** All of a stream that is known to be short. */
export async function collect(parts: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const part of parts) all.push(part);
  return Buffer.concat(all);
}
