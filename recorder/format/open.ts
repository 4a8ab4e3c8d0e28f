import { createDecipheriv, createSecretKey, timingSafeEqual } from 'node:crypto';
import {
  deriveKeys,
  FINAL_FLAG,
  FRAME_OVERHEAD_BYTES,
  frameContext,
  LENGTH_BYTES,
  MAX_FRAME_BYTES,
  TAG_BYTES,
} from './cipher.ts';
import { FormatError } from './format-error.ts';
import { HEAD_BYTES, HEADER_BYTES, readHead } from './header.ts';
import type { SealedHeader } from './types.ts';

/** Opens the frames of one object, in any order. */
export interface Opener {
  header: SealedHeader;
  /** @param framed exactly one frame as it is stored. Throws FormatError if it is not frame `index` of this object. */
  open(index: number, framed: Uint8Array): { plaintext: Buffer; final: boolean };
}

/**
 * @param head at least the first 192 bytes of the object
 * @throws FormatError when the head is damaged or was sealed with another key
 */
export function createOpener(sessionKey: Uint8Array, head: Uint8Array): Opener {
  const header = readHead(head);
  const headerBytes = head.subarray(0, HEADER_BYTES);
  const derived = deriveKeys(sessionKey, header.purpose, headerBytes, header.salt);
  if (!timingSafeEqual(derived.commitment, head.subarray(HEADER_BYTES, HEAD_BYTES))) {
    throw new FormatError('sealed with another key, or the header is damaged');
  }
  const key = createSecretKey(derived.key);
  const contextOf = frameContext(headerBytes);
  return {
    header,
    open(index, framed) {
      const { lengthWord, length, final } = readLength(framed, 0);
      if (framed.length !== length + FRAME_OVERHEAD_BYTES) throw new FormatError(`frame ${index} is cut off`);
      const { nonce, associated } = contextOf(index, lengthWord);
      const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
      decipher.setAAD(associated).setAuthTag(framed.subarray(LENGTH_BYTES + length));
      const plaintext = decipher.update(framed.subarray(LENGTH_BYTES, LENGTH_BYTES + length));
      try {
        decipher.final();
      } catch (cause) {
        throw new FormatError(`frame ${index} is damaged or out of place`, cause);
      }
      return { plaintext, final };
    },
  };
}

export interface OpenedObject {
  header: SealedHeader;
  /** Plaintext of the frames up to the first that does not hold. */
  frames: Buffer[];
  /** Every frame holds, the last is the final one, and nothing follows it. */
  complete: boolean;
  /** What is wrong, when not complete. */
  error: string | null;
}

/**
 * Opens a whole object in memory, as far as it holds.
 * @throws FormatError only for a damaged head or a wrong key; damage behind the head is told in the result
 */
export function openSealed(sessionKey: Uint8Array, bytes: Uint8Array): OpenedObject {
  const opener = createOpener(sessionKey, bytes);
  const frames: Buffer[] = [];
  let error: string | null = null;
  try {
    openFrames(opener, bytes, frames);
  } catch (thrown) {
    if (!(thrown instanceof FormatError)) throw thrown;
    error = thrown.message;
  }
  return { header: opener.header, frames, complete: error === null, error };
}

function openFrames(opener: Opener, bytes: Uint8Array, frames: Buffer[]): void {
  for (const { start, end } of frameSpans(bytes))
    frames.push(opener.open(frames.length, bytes.subarray(start, end)).plaintext);
}

/**
 * Where the frames of a whole object lie. No key is needed, so nothing of it is proven.
 * @throws FormatError behind the last frame that is there, when it is not the final one or when more follows that
 */
export function* frameSpans(bytes: Uint8Array): Generator<{ start: number; end: number; final: boolean }> {
  let start = HEAD_BYTES;
  let index = 0;
  for (let last = false; !last; index += 1) {
    if (start === bytes.length)
      throw new FormatError(`torn: it ends after frame ${index - 1}, not the final one`);
    const { length, final } = readLength(bytes, start);
    const end = start + length + FRAME_OVERHEAD_BYTES;
    if (end > bytes.length) throw new FormatError(`torn: it ends within frame ${index}`);
    yield { start, end, final };
    last = final;
    start = end;
  }
  if (start !== bytes.length) throw new FormatError(`${bytes.length - start} bytes follow the final frame`);
}

/** The first four bytes of a frame. */
function readLength(bytes: Uint8Array, offset: number) {
  if (bytes.length - offset < LENGTH_BYTES)
    throw new FormatError('torn: it ends within the length of a frame');
  const lengthWord = new DataView(bytes.buffer, bytes.byteOffset).getUint32(offset);
  const final = lengthWord >= FINAL_FLAG;
  const length = final ? lengthWord - FINAL_FLAG : lengthWord;
  if (length > MAX_FRAME_BYTES) throw new FormatError(`a frame claims ${length} bytes: damaged`);
  return { lengthWord, length, final };
}
