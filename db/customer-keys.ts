import type { CustomerKey } from '@cratersync/signaling/protocol';
import type { Tx } from './database.ts';
import { enqueue } from './jobs.ts';

/** The key that an organization has brought, and how far its recordings are locked by it. */
export interface CustomerKeyState {
  /** What new recordings are locked by; null: this installation's key. */
  inUse: CustomerKey | null;
  changedAt: Date;
  /** What was entered, and has not been tried, or was refused. */
  wanted: CustomerKey | null;
  refused: string | null;
  done: number;
  total: number;
  /** When all that was there was locked by what is in use. */
  finishedAt: Date | null;
  trouble: string | null;
  troubleSince: Date | null;
}

const keyOf = (prefix: string) => `CASE WHEN ${prefix}key_arn IS NOT NULL THEN
  json_build_object('keyArn', ${prefix}key_arn, 'roleArn', ${prefix}role_arn) END`;

const select = `SELECT ${keyOf('')} AS "inUse", changed_at AS "changedAt", ${keyOf('wanted_')} AS wanted, refused, done,
  total, finished_at AS "finishedAt", trouble, trouble_since AS "troubleSince" FROM app.customer_keys`;

/** @returns null when it has never brought one */
export const state = (tx: Tx): Promise<CustomerKeyState | null> => tx.first(select);

/** The same, and nobody changes it for the rest of the transaction. */
export const hold = (tx: Tx): Promise<CustomerKeyState | null> => tx.first(`${select} FOR UPDATE`);

/** What new recordings are locked by; null: this installation's key. */
export async function inUse(tx: Tx): Promise<CustomerKey | null> {
  return (await state(tx))?.inUse ?? null;
}

/** Has a key tried, and used if it lets us. */
export async function want(tx: Tx, { keyArn, roleArn }: CustomerKey): Promise<void> {
  await tx.change(
    `INSERT INTO app.customer_keys (wanted_key_arn, wanted_role_arn, finished_at) VALUES ($1, $2, now())
     ON CONFLICT (organization_id) DO UPDATE SET wanted_key_arn = $1, wanted_role_arn = $2, refused = NULL`,
    [keyArn, roleArn],
  );
  await tend(tx);
}

/** Goes back to this installation's key, and forgets what was wanted. @returns whether there was anything to stop */
export async function stop(tx: Tx): Promise<boolean> {
  const changed = await tx.change(
    `UPDATE app.customer_keys SET wanted_key_arn = NULL, wanted_role_arn = NULL, refused = NULL,
       key_arn = NULL, role_arn = NULL, trouble = NULL, trouble_since = NULL,
       changed_at = CASE WHEN key_arn IS NULL THEN changed_at ELSE now() END,
       finished_at = CASE WHEN key_arn IS NULL THEN finished_at END,
       done = CASE WHEN key_arn IS NULL THEN done ELSE 0 END
     WHERE key_arn IS NOT NULL OR wanted_key_arn IS NOT NULL`,
  );
  if (changed === 1) await tend(tx);
  return changed === 1;
}

/** It is looked at at once, or so much later. */
export const tend = (tx: Tx, inMs = 0): Promise<void> =>
  enqueue(tx, 'tend-customer-key', {}, { key: '', inMs });

/** The wanted key was tried. @returns false when another one is wanted meanwhile */
export async function tried(
  tx: Tx,
  { keyArn, roleArn }: CustomerKey,
  refused: string | null,
): Promise<boolean> {
  const changed = await tx.change(
    refused === null
      ? `UPDATE app.customer_keys SET key_arn = $1, role_arn = $2, changed_at = now(), done = 0, finished_at = NULL,
           trouble = NULL, trouble_since = NULL, wanted_key_arn = NULL, wanted_role_arn = NULL, refused = $3
         WHERE wanted_key_arn = $1 AND wanted_role_arn IS NOT DISTINCT FROM $2`
      : `UPDATE app.customer_keys SET refused = $3
         WHERE wanted_key_arn = $1 AND wanted_role_arn IS NOT DISTINCT FROM $2`,
    [keyArn, roleArn, refused],
  );
  return changed === 1;
}

/** How far it is, as long as what is in use is what it was at `changedAt`. */
export async function progressed(
  tx: Tx,
  changedAt: Date,
  { done, total, finished }: { done: number; total: number; finished: boolean },
): Promise<void> {
  await tx.change(
    `UPDATE app.customer_keys SET done = $2, total = $3, finished_at = CASE WHEN $4 THEN now() END
     WHERE date_trunc('milliseconds', changed_at) = $1`,
    [changedAt, done, total, finished],
  );
}

/** What the key says; null: all is well. */
export async function setTrouble(tx: Tx, trouble: string | null): Promise<void> {
  await tx.change(
    `UPDATE app.customer_keys SET trouble = $1::text,
       trouble_since = CASE WHEN $1::text IS NOT NULL THEN coalesce(trouble_since, now()) END
     WHERE trouble IS DISTINCT FROM $1::text`,
    [trouble],
  );
}

/**
 * Only one process changes by what the session keys of an organization are locked; until the transaction ends.
 * @returns false when another one does
 */
export async function lock(tx: Tx): Promise<boolean> {
  const { held } = await tx.one<{ held: boolean }>(
    `SELECT pg_try_advisory_xact_lock(hashtextextended('keys ' || $1, 0)) AS held`,
    [tx.scope.organizationId],
  );
  return held;
}
