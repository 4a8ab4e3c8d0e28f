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

/** Cuts a stream into frames as they are stored; only the last may be shorter. Only those that came in several parts are copied. */
async function* frames(stream: Readable): AsyncGenerator<Buffer> {
  let begun: Buffer[] = [];
  let missing = FRAME_BYTES;
  for await (const part of stream as AsyncIterable<Buffer>) {
    let rest = part;
    while (rest.length >= missing) {
      const end = rest.subarray(0, missing);
      yield begun.length === 0 ? end : Buffer.concat([...begun, end]);
      rest = rest.subarray(missing);
      begun = [];
      missing = FRAME_BYTES;
    }
    if (rest.length > 0) begun.push(rest);
    missing -= rest.length;
  }
  if (begun.length > 0) yield Buffer.concat(begun);
}

async function whole(stream: Readable): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of stream as AsyncIterable<Buffer>) parts.push(part);
  return Buffer.concat(parts);
}
