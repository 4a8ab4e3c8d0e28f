import { createHash, randomBytes } from 'node:crypto';

/** A random bearer secret: what its holder keeps, and the hash that we keep. */
export interface Bearer {
  secret: string;
  hash: Buffer;
}

export function newBearer(bits: 128 | 256): Bearer {
  const secret = randomBytes(bits / 8).toString('base64url');
  return { secret, hash: hashOf(secret) };
}

/** SHA-256 is enough for secrets that nobody can guess: they have 128 random bits or more. */
export const hashOf = (secret: string): Buffer => createHash('sha256').update(secret).digest();
