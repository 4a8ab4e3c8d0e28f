import { randomUUID } from 'node:crypto';
import type { Tx } from './scope.ts';

export interface ClaimedCode {
  codeId: string;
  codeHash: Buffer;
  salt: Buffer;
  attemptsLeft: number;
}

export const MAX_ATTEMPTS = 5;

/** Stores a new code. The newest of an address is the only one that can be used. */
export async function insert(
  tx: Tx,
  code: { email: string; codeHash: Buffer; salt: Buffer; browserHash: Buffer; expiresAt: Date },
): Promise<void> {
  await tx.query(
    `INSERT INTO sign_in_codes (code_id, email, code_hash, salt, browser_hash, expires_at)
     VALUES ($1, $2, $3, $4, $5, $6)`,
    [randomUUID(), code.email, code.codeHash, code.salt, code.browserHash, code.expiresAt],
  );
}

/**
 * Claims one attempt at the newest code of an address, before anything is computed: however many guesses arrive at
 * once, MAX_ATTEMPTS of them get a hash to compare with.
 * @returns null when there is no code that may still be tried from this browser
 */
export async function claimAttempt(tx: Tx, email: string, browserHash: Buffer): Promise<ClaimedCode | null> {
  const { rows } = await tx.query<ClaimedCode>(
    `UPDATE sign_in_codes SET attempts = attempts + 1
     WHERE code_id = (SELECT code_id FROM sign_in_codes WHERE email = $1 ORDER BY created_at DESC LIMIT 1)
       AND browser_hash = $2 AND used_at IS NULL AND expires_at > now() AND attempts < $3
     RETURNING code_id AS "codeId", code_hash AS "codeHash", salt, $3 - attempts AS "attemptsLeft"`,
    [email, browserHash, MAX_ATTEMPTS],
  );
  return rows[0] ?? null;
}

/** Uses a code up. @returns false when somebody else was first */
export async function use(tx: Tx, codeId: string): Promise<boolean> {
  const { rowCount } = await tx.query(
    'UPDATE sign_in_codes SET used_at = now() WHERE code_id = $1 AND used_at IS NULL',
    [codeId],
  );
  return rowCount === 1;
}

/** How many codes an address has asked for within the last hour. */
export async function askedLastHour(tx: Tx, email: string): Promise<number> {
  const { rows } = await tx.query<{ count: number }>(
    `SELECT count(*) AS count FROM sign_in_codes WHERE email = $1 AND created_at > now() - interval '1 hour'`,
    [email],
  );
  return rows[0]?.count ?? 0;
}

export async function deleteExpired(tx: Tx): Promise<void> {
  await tx.query(`DELETE FROM sign_in_codes WHERE expires_at < now() - interval '1 day'`);
}
