import type { Readable } from 'node:stream';
import {
  createOpener,
  FormatError,
  FRAME_OVERHEAD_BYTES,
  HEAD_BYTES,
  MAX_FRAME_BYTES,
} from '../format/index.ts';
import { letGo } from '../let-go.ts';
import type { ObjectStore } from '../store/index.ts';

const FRAME_BYTES = MAX_FRAME_BYTES + FRAME_OVERHEAD_BYTES;

/**
 * The plaintext bytes `start`..`end` (inclusive) of a sealed stem, frame by frame; only the frames around them are
 * fetched. The caller knows the plaintext's size and stays within it.
 * @throws FormatError where a frame is damaged; ObjectMissing
 */
export async function* readSealed(
  store: Pick<ObjectStore, 'get'>,
  key: string,
  sessionKey: Uint8Array,
  start: number,
  end: number,
): AsyncGenerator<Buffer> {
  const head = await whole(await store.get(key, { start: 0, end: HEAD_BYTES - 1 }));
  const opener = createOpener(sessionKey, head);
  if (opener.header.purpose !== 'stem') throw new FormatError('not a stem');
  let index = Math.floor(start / MAX_FRAME_BYTES);
  const last = Math.floor(end / MAX_FRAME_BYTES);
  const from = HEAD_BYTES + index * FRAME_BYTES;
  const range = { start: from, end: HEAD_BYTES + (last + 1) * FRAME_BYTES - 1 };
  for await (const framed of frames(await store.get(key, range))) {
    const { plaintext } = opener.open(index, framed);
    const offset = index * MAX_FRAME_BYTES;
    yield plaintext.subarray(Math.max(0, start - offset), end - offset + 1);
    index += 1;
    // As it was read, joined, and opened.
    letGo(framed.length);
  }
  if (index <= last) throw new FormatError(`the object ends before byte ${end}`);
}

/** Cuts a stream into frames as they are stored; only the last may be shorter. */
async function* frames(stream: Readable): AsyncGenerator<Buffer> {
  let waiting: Buffer[] = [];
  let bytes = 0;
  for await (const part of stream as AsyncIterable<Buffer>) {
    waiting.push(part);
    bytes += part.length;
    if (bytes < FRAME_BYTES) continue;
    const joined = Buffer.concat(waiting);
    let offset = 0;
    for (; offset + FRAME_BYTES <= joined.length; offset += FRAME_BYTES) {
      yield joined.subarray(offset, offset + FRAME_BYTES);
    }
    waiting = [joined.subarray(offset)];
    bytes = joined.length - offset;
  }
  if (bytes > 0) yield Buffer.concat(waiting);
}

async function whole(stream: Readable): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of stream as AsyncIterable<Buffer>) parts.push(part);
  return Buffer.concat(parts);
}
