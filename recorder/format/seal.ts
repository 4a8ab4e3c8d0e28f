import { createCipheriv, createSecretKey, randomBytes } from 'node:crypto';
import { deriveKeys, FINAL_FLAG, frameContext, LENGTH_BYTES, MAX_FRAME_BYTES } from './cipher.ts';
import { encodeHeader, SALT_BYTES } from './header.ts';
import type { SealedHeader } from './types.ts';

/** Seals one object, frame by frame. Never reopened: what follows a crash is a new object with a key of its own. */
export interface Sealer {
  header: SealedHeader;
  /** The object's first 192 bytes. */
  head: Buffer;
  /** @returns the frame as it is stored: `plaintext.length + FRAME_OVERHEAD_BYTES` bytes. Throws after the final one. */
  seal(plaintext: Uint8Array, final: boolean): Buffer;
}

/** What an object begins with, and what its frames are sealed with. */
export interface SealingKey {
  header: SealedHeader;
  headerBytes: Buffer;
  /** The object's first 192 bytes. */
  head: Buffer;
  /** AES-256. */
  key: Buffer;
}

/**
 * @param sessionKey 32 bytes
 * @param salt fixed only by test vectors; two objects sealed with one salt and one header would share their nonces
 */
export function deriveSealingKey(
  sessionKey: Uint8Array,
  fields: Omit<SealedHeader, 'salt'>,
  salt: Uint8Array = randomBytes(SALT_BYTES),
): SealingKey {
  const header: SealedHeader = { ...fields, salt };
  const headerBytes = encodeHeader(header);
  const { key, commitment } = deriveKeys(sessionKey, header.purpose, headerBytes, salt);
  return { header, headerBytes, head: Buffer.concat([headerBytes, commitment]), key };
}

/** Its parameters are those of deriveSealingKey. */
export function createSealer(...sealing: Parameters<typeof deriveSealingKey>): Sealer {
  const { header, headerBytes, head, key: keyBytes } = deriveSealingKey(...sealing);
  const key = createSecretKey(keyBytes);
  const contextOf = frameContext(headerBytes);
  let index = 0;
  let closed = false;
  const seal = (plaintext: Uint8Array, final: boolean): Buffer => {
    if (closed) throw new Error('sealed already: the final frame was written');
    if (plaintext.length > MAX_FRAME_BYTES) throw new RangeError(`a frame holds ${MAX_FRAME_BYTES} bytes`);
    const lengthWord = plaintext.length + (final ? FINAL_FLAG : 0);
    const { nonce, associated } = contextOf(index, lengthWord);
    const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(associated);
    const word = Buffer.allocUnsafe(LENGTH_BYTES);
    word.writeUInt32BE(lengthWord, 0);
    const ciphertext = cipher.update(plaintext);
    cipher.final();
    index += 1;
    closed = final;
    return Buffer.concat([word, ciphertext, cipher.getAuthTag()]);
  };
  return { header, head, seal };
}

/** Seals what is in memory as a whole, in full frames (only the last is shorter). @returns the object's bytes */
export function sealWhole(
  sessionKey: Uint8Array,
  fields: Omit<SealedHeader, 'salt'>,
  plaintext: Uint8Array,
): Buffer {
  const sealer = createSealer(sessionKey, fields);
  const parts = [sealer.head];
  let start = 0;
  do {
    const end = Math.min(start + MAX_FRAME_BYTES, plaintext.length);
    parts.push(sealer.seal(plaintext.subarray(start, end), end === plaintext.length));
    start = end;
  } while (start < plaintext.length);
  return Buffer.concat(parts);
}
