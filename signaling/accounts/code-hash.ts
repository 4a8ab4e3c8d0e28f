import { argon2, createHmac, randomInt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

export const CODE_LIFETIME_MS = 10 * 60_000;
const derive = promisify(argon2);

/** OWASP's argon2id parameters for 2024: 19 MiB, two passes. */
const COST = { parallelism: 1, memory: 19_456, passes: 2, tagLength: 32 } as const;

export const newCode = (): string => String(randomInt(1_000_000)).padStart(6, '0');

/**
 * A code has 20 bits: the pepper keeps whoever holds a database dump from trying all of them.
 * @param code with a word before it where there are several kinds, so that one is not taken for another
 */
export async function hashCode(code: string, salt: Buffer, pepper: string): Promise<Buffer> {
  const message = createHmac('sha256', pepper).update(code).digest();
  return derive('argon2id', { message, nonce: salt, ...COST });
}

/** What a pepper is, and was before it was rotated. */
export type Peppers = readonly [current: string, previous?: string | undefined];

/** Whether a code is the one that a hash was made of, by either pepper. */
export async function isCodeOf(code: string, salt: Buffer, hash: Buffer, peppers: Peppers): Promise<boolean> {
  const hashes = await Promise.all(
    peppers.flatMap(pepper => pepper ?? []).map(each => hashCode(code, salt, each)),
  );
  return hashes.map(each => sameHash(each, hash)).includes(true);
}

const sameHash = (a: Buffer, b: Buffer): boolean => a.length === b.length && timingSafeEqual(a, b);
