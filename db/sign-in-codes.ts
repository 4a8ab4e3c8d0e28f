import type { Tx } from './database.ts';
import type { Scope } from './scope.ts';

export const MAX_ATTEMPTS = 5;
/** Over all codes of one address within an hour; after that only a link is mailed. */
export const MAX_ATTEMPTS_AN_HOUR = 10;

/** Tries of the last hour that the rows named `other` have seen. A code lives for minutes: when it was made is near enough. */
const recentAttempts = (
  where: string,
) => `(SELECT coalesce(sum(other.attempts), 0) FROM app.sign_in_codes other
  WHERE other.email = $1 AND other.created_at > now() - interval '1 hour' ${where})`;

/** Puts a new code in the place of every older one for the same address, and clears out what has long expired. */
export async function replace(
  tx: Tx<Scope>,
  code: { email: string; browserHash: Buffer; salt: Buffer; hash: Buffer; lifetimeMs: number },
): Promise<void> {
  await tx.change(`DELETE FROM app.sign_in_codes WHERE expires_at < now() - interval '1 day'`);
  await tx.change('UPDATE app.sign_in_codes SET ended_at = now() WHERE email = $1 AND ended_at IS NULL', [
    code.email,
  ]);
  await tx.change(
    `INSERT INTO app.sign_in_codes (email, browser_hash, code_salt, code_hash, expires_at)
     VALUES ($1, $2, $3, $4, now() + $5 * interval '1 millisecond')`,
    [code.email, code.browserHash, code.salt, code.hash, code.lifetimeMs],
  );
}

export interface ClaimedAttempt {
  codeId: string;
  salt: Buffer;
  hash: Buffer;
  attemptsLeft: number;
}

/**
 * Takes one of the attempts, before anything is compared: however many guesses arrive at once, no more than
 * MAX_ATTEMPTS of them get here. Commit this before computing the hash.
 * @returns null when there is no usable code: none, expired, used, replaced, tried out (or too many of
 *   that address were), or of another browser
 */
export function claimAttempt(
  tx: Tx<Scope>,
  of: { email: string; browserHash: Buffer },
): Promise<ClaimedAttempt | null> {
  return tx.first<ClaimedAttempt>(
    `UPDATE app.sign_in_codes code SET attempts = attempts + 1
     WHERE email = $1 AND browser_hash = $2 AND ended_at IS NULL AND expires_at > now() AND attempts < $3
       AND attempts + ${recentAttempts('AND other.code_id <> code.code_id')} < $4
     RETURNING code_id AS "codeId", code_salt AS salt, code_hash AS hash, $3 - attempts AS "attemptsLeft"`,
    [of.email, of.browserHash, MAX_ATTEMPTS, MAX_ATTEMPTS_AN_HOUR],
  );
}

/** @returns false when somebody else was first, or the code was replaced meanwhile */
export async function use(tx: Tx<Scope>, codeId: string): Promise<boolean> {
  const used = await tx.change(
    'UPDATE app.sign_in_codes SET ended_at = now() WHERE code_id = $1 AND ended_at IS NULL',
    [codeId],
  );
  return used === 1;
}

/** Whether an address has had so many tries within the hour that no code will be taken. */
export async function isTriedOut(tx: Tx<Scope>, email: string): Promise<boolean> {
  const { tried } = await tx.one<{ tried: number }>(`SELECT ${recentAttempts('')}::int AS tried`, [email]);
  return tried >= MAX_ATTEMPTS_AN_HOUR;
}
