import { type AccountId, letter, type OrganizationId } from '@cratersync/signaling/protocol';
import type { Tx } from './database.ts';
import * as letters from './letters.ts';
import type { AccountScope, OrganizationScope, Scope } from './scope.ts';

const KEPT_DAYS = 30;

/**
 * Why a letter was given up: it failed as often as it may; the mail server will never take it; nor anything to that address;
 * it was not tried, as mail to that address was refused before.
 */
export const reasons = ['used-up', 'refused', 'bounced', 'held-back'] as const;
export type Reason = (typeof reasons)[number];

/** As it stood in the queue. */
type Job = { to: AccountId; letter: unknown } & (
  | { organizationId: OrganizationId }
  | { accountId: AccountId }
);

export interface DeadLetter {
  letterId: number;
  kind: string;
  /** Masked. */
  address: string;
  reason: Reason;
  /** The mail server's. */
  words: string;
  attempts: number;
  failedAt: Date;
}

/** For the worker. Kept twice, it is one. */
export async function keep(
  tx: Tx<Scope>,
  dead: Omit<DeadLetter, 'kind' | 'failedAt' | 'letterId'> & { letterId: string; job: unknown },
): Promise<void> {
  await tx.change(
    `INSERT INTO app.dead_letters (letter_id, job, address, reason, words, attempts) VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (letter_id) DO NOTHING`,
    [dead.letterId, JSON.stringify(dead.job), dead.address, dead.reason, dead.words, dead.attempts],
  );
}

/** How many there are, of every reason. */
export const counts = (tx: Tx<Scope>): Promise<{ reason: Reason; letters: number }[]> =>
  tx.query(
    `SELECT reason, count(letter_id) AS letters FROM unnest($1::text[]) AS reason
     LEFT JOIN app.dead_letters USING (reason) GROUP BY reason`,
    [reasons],
  );

/** For the database's owner, as the rest of this page: newest first. */
export const all = (tx: Tx<Scope>): Promise<DeadLetter[]> =>
  tx.query(
    `SELECT letter_id AS "letterId", job -> 'letter' ->> 'kind' AS kind, address, reason, words, attempts,
       failed_at AS "failedAt"
     FROM app.dead_letters ORDER BY failed_at DESC, letter_id DESC`,
  );

/** The scope that a letter was queued in. @returns null when there is none with that id */
export async function scopeOf(
  tx: Tx<Scope>,
  letterId: number,
): Promise<OrganizationScope | AccountScope | null> {
  const row = await tx.first<{ job: Job }>('SELECT job FROM app.dead_letters WHERE letter_id = $1', [
    letterId,
  ]);
  if (row === null) return null;
  return 'organizationId' in row.job
    ? { organizationId: row.job.organizationId }
    : { accountId: row.job.accountId };
}

/** Queues it anew, to be tried whatever is known against its address. @returns false when somebody was faster */
export async function retry(
  tx: Tx<OrganizationScope> | Tx<AccountScope>,
  letterId: number,
): Promise<boolean> {
  const row = await tx.first<{ job: Job }>(
    'DELETE FROM app.dead_letters WHERE letter_id = $1 RETURNING job',
    [letterId],
  );
  if (row === null) return false;
  await tx.change(
    `DELETE FROM app.unreachable_addresses
     WHERE email = (SELECT a.email FROM app.accounts a WHERE a.account_id = $1)`,
    [row.job.to],
  );
  await letters.queue(tx, row.job.to, letter.parse(row.job.letter));
  return true;
}

/** @returns false when there is none with that id */
export const drop = async (tx: Tx<Scope>, letterId: number): Promise<boolean> =>
  (await tx.change('DELETE FROM app.dead_letters WHERE letter_id = $1', [letterId])) === 1;

export async function forgetOld(tx: Tx<Scope>): Promise<void> {
  await tx.change(`DELETE FROM app.dead_letters WHERE failed_at < now() - $1 * interval '1 day'`, [
    KEPT_DAYS,
  ]);
}
