import { randomUUID } from 'node:crypto';
import type { AccountId, Letter } from '@cratersync/signaling/protocol';
import type { Tx } from './database.ts';
import { enqueue } from './jobs.ts';
import * as memberships from './memberships.ts';
import type { AccountScope, OrganizationScope, Scope } from './scope.ts';

/**
 * Has a letter written to somebody, if and when this transaction commits: in their language, to the address that they have then.
 * @param options.key one with the same key that still waits is replaced
 * @param options.inMs not before so much later
 */
export const queue = (
  tx: Tx<OrganizationScope> | Tx<AccountScope>,
  to: AccountId,
  letter: Letter,
  { key = randomUUID(), inMs = 0 }: { key?: string; inMs?: number } = {},
): Promise<void> => enqueue(tx, 'send-letter', { to, letter }, { key, inMs });

/**
 * Has the same letter written to every owner of the organization in scope.
 * @param options.key of each of theirs, with whose it is
 */
export async function queueForOwners(tx: Tx, letter: Letter, { key }: { key?: string } = {}): Promise<void> {
  for (const owner of await memberships.owners(tx))
    await queue(tx, owner, letter, key === undefined ? {} : { key: `${key}:${owner}` });
}

/**
 * Puts a letter off, for the worker, whose queue it is: as another job, so that no attempt is lost by it.
 * @param job as it stands in the queue
 */
export async function putOff(tx: Tx<Scope>, job: unknown, inMs: number): Promise<void> {
  await tx.query(
    `SELECT FROM graphile_worker.add_job('send-letter', $1, run_at := now() + $2 * interval '1 millisecond')`,
    [JSON.stringify(job), inMs],
  );
}
