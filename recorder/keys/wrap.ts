import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/** A key locked by another: version u8, nonce, AES-256-GCM ciphertext, tag. */
const VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
export const KEY_BYTES = 32;
export const WRAPPED_BYTES = 1 + NONCE_BYTES + KEY_BYTES + TAG_BYTES;

/** @param context must be the same to unwrap it */
export function wrap(wrappingKey: Uint8Array, key: Uint8Array, context: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', wrappingKey, nonce).setAAD(Buffer.from(context));
  const locked = Buffer.concat([cipher.update(key), cipher.final()]);
  return Buffer.concat([Buffer.of(VERSION), nonce, locked, cipher.getAuthTag()]);
}

/** @returns null when it was wrapped by another key or for another context, or is damaged */
export function unwrap(wrappingKey: Uint8Array, wrapped: Uint8Array, context: string): Buffer | null {
  if (wrapped.length !== WRAPPED_BYTES || wrapped[0] !== VERSION) return null;
  const nonce = wrapped.subarray(1, 1 + NONCE_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', wrappingKey, nonce, { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(context)).setAuthTag(wrapped.subarray(-TAG_BYTES));
  const key = decipher.update(wrapped.subarray(1 + NONCE_BYTES, -TAG_BYTES));
  try {
    decipher.final();
    return key;
  } catch {
    return null;
  }
}
