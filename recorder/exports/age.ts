import { createCipheriv, createDecipheriv, hkdfSync, randomBytes, scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import { Encrypter, type Recipient, Stanza } from 'age-encryption';

/** Who can open what is written: whoever knows the passphrase, or has the identity of the recipient `age1…`. */
export type Lock = { passphrase: string } | { recipient: string };

/** Of the plaintext, as the format has it (age-encryption.org/v1). */
export const AGE_CHUNK_BYTES = 65_536;
const TAG_BYTES = 16;
export const SEALED_CHUNK_BYTES: number = AGE_CHUNK_BYTES + TAG_BYTES;
export const PAYLOAD_NONCE_BYTES = 16;
/** As the age program has it: some 250 MiB and a second. */
const SCRYPT_LOG_N = 18;
const KEY_BYTES = 32;

const derive = promisify<string, Buffer, number, object, Buffer>(scrypt);

/**
 * Begins an age file. Its payload can be written from any chunk on by whoever has the file key and the head, which
 * age-encryption does not offer: so the header is made by that package, and the payload below.
 * @returns `head`: header and payload nonce, with which the file begins
 */
export async function beginAge(lock: Lock): Promise<{ head: Buffer; fileKey: Buffer }> {
  let fileKey = Buffer.alloc(0);
  const encrypter = new Encrypter();
  encrypter.addRecipient({
    wrapFileKey(key) {
      fileKey = Buffer.from(key);
      return [];
    },
  });
  encrypter.addRecipient('recipient' in lock ? lock.recipient : byPassphrase(lock.passphrase));
  const empty = await encrypter.encrypt(new Uint8Array());
  // Another nonce than that of the empty payload, so that no key is used twice.
  const header = empty.subarray(0, empty.length - PAYLOAD_NONCE_BYTES - TAG_BYTES);
  return { head: Buffer.concat([header, randomBytes(PAYLOAD_NONCE_BYTES)]), fileKey };
}

/** The package's own one keeps the whole process waiting for seconds. */
function byPassphrase(passphrase: string): Recipient {
  return {
    async wrapFileKey(fileKey) {
      const salt = randomBytes(16);
      const label = Buffer.concat([Buffer.from('age-encryption.org/v1/scrypt'), salt]);
      const cost = { N: 2 ** SCRYPT_LOG_N, r: 8, p: 1, maxmem: 2 ** 30 };
      const key = await derive(passphrase, label, KEY_BYTES, cost);
      const saltText = salt.toString('base64').replace(/=+$/, '');
      const body = Buffer.concat(sealed(key, Buffer.alloc(12), fileKey));
      return [new Stanza(['scrypt', saltText, String(SCRYPT_LOG_N)], body)];
    },
  };
}

/** The key of the chunks behind a head. */
export function payloadKey(fileKey: Uint8Array, head: Buffer): Buffer {
  return Buffer.from(hkdfSync('sha256', fileKey, head.subarray(-PAYLOAD_NONCE_BYTES), 'payload', KEY_BYTES));
}

/** One chunk of the payload: ciphertext and tag. Every chunk but the last one is full. */
export function sealChunk(key: Buffer, index: number, plaintext: Uint8Array, isLast: boolean): Buffer[] {
  return sealed(key, chunkNonce(index, isLast), plaintext);
}

/** @throws Error when it is not this chunk, or was altered */
export function openChunk(key: Buffer, index: number, chunk: Uint8Array, isLast: boolean): Buffer {
  const nonce = chunkNonce(index, isLast);
  const decipher = createDecipheriv('chacha20-poly1305', key, nonce, { authTagLength: TAG_BYTES });
  decipher.setAuthTag(chunk.subarray(-TAG_BYTES));
  const plaintext = decipher.update(chunk.subarray(0, -TAG_BYTES));
  decipher.final();
  return plaintext;
}

function sealed(key: Buffer, nonce: Buffer, plaintext: Uint8Array): Buffer[] {
  const cipher = createCipheriv('chacha20-poly1305', key, nonce, { authTagLength: TAG_BYTES });
  const ciphertext = cipher.update(plaintext);
  cipher.final();
  return [ciphertext, cipher.getAuthTag()];
}

/** An 11-byte counter, then 1 for the last chunk. */
function chunkNonce(index: number, isLast: boolean): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUIntBE(index, 5, 6);
  nonce[11] = isLast ? 1 : 0;
  return nonce;
}
