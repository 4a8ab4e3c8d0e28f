import { createHash, hkdfSync } from 'node:crypto';
import { COMMITMENT_BYTES, HEADER_BYTES } from './header.ts';
import type { Purpose } from './types.ts';

/** What sealing and opening share: the derived key, and the nonce and associated data of each frame. */

/** Plaintext bytes of one frame at most. */
export const MAX_FRAME_BYTES = 65536;
export const LENGTH_BYTES = 4;
export const TAG_BYTES = 16;
/** What a frame adds to its plaintext: the length word before it and the tag behind it. */
export const FRAME_OVERHEAD_BYTES = LENGTH_BYTES + TAG_BYTES;
export const FINAL_FLAG = 0x8000_0000;
export const SESSION_KEY_BYTES = 32;

/**
 * RFC 5869 with SHA-512. The whole header goes in, so no field of it can be changed without changing the key. The
 * commitment is needed because AES-GCM alone would let one ciphertext be made to open under two keys.
 */
export function deriveKeys(sessionKey: Uint8Array, purpose: Purpose, header: Uint8Array, salt: Uint8Array) {
  if (sessionKey.length !== SESSION_KEY_BYTES) throw new RangeError('a session key has 32 bytes');
  const info = Buffer.concat([Buffer.from(`cratersync/${purpose}/v1`), header]);
  const derived = Buffer.from(hkdfSync('sha512', sessionKey, salt, info, 32 + COMMITMENT_BYTES));
  return { key: derived.subarray(0, 32), commitment: derived.subarray(32) };
}

/** The nonces and associated data of one object's frames. The two buffers are reused: use them before the next call. */
export function frameContext(header: Uint8Array) {
  const nonce = Buffer.alloc(12);
  const associated = Buffer.alloc(40);
  associated.set(createHash('sha256').update(header.subarray(0, HEADER_BYTES)).digest());
  /** @param lengthWord the frame's first four bytes: its final flag and its length */
  return (index: number, lengthWord: number) => {
    nonce.writeUInt32BE(index, 7);
    nonce.writeUInt8(lengthWord >= FINAL_FLAG ? 1 : 0, 11);
    associated.writeUInt32BE(index, 32);
    associated.writeUInt32BE(lengthWord, 36);
    return { nonce, associated };
  };
}
