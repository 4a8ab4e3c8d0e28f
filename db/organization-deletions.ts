import { type AccountId, errors } from '@cratersync/signaling/protocol';
import type { Tx } from './database.ts';
import { whetherDue } from './due.ts';
import { enqueue } from './jobs.ts';
import { HELD_LOOK_MS, isAnythingHeld, shareKeeping } from './keeping.ts';
import { advance } from './lifecycle.ts';

/** What became of an organization's own key with a key provider. */
export interface DestroyedKey {
  provider: string;
  keyId: string;
  /** `shared`: it is others' key, too, so every session key was destroyed instead. */
  outcome: 'destroyed' | 'scheduled' | 'shared';
  deletedAfter?: string;
}

/** That the organization in scope is to be erased, and how far that is. */
export interface OrganizationDeletion {
  requestedAt: Date;
  eraseAfter: Date;
  /** From here on nothing brings it back. */
  startedAt: Date | null;
  /** When its key provider deletes its key, where that has been told to. */
  keyDeletedAfter: Date | null;
  keys: DestroyedKey[] | null;
  keysDestroyedAt: Date | null;
  recordings: number | null;
  objects: number | null;
  absentAt: Date | null;
  finishedAt: Date | null;
  receipt: string | null;
}

export const get = (tx: Tx): Promise<OrganizationDeletion | null> =>
  tx.first(
    `SELECT requested_at AS "requestedAt", erase_after AS "eraseAfter", started_at AS "startedAt", keys,
       key_deleted_after AS "keyDeletedAfter",
       keys_destroyed_at AS "keysDestroyedAt", recordings, objects, absent_at AS "absentAt",
       finished_at AS "finishedAt", receipt
     FROM app.organization_deletions WHERE organization_id = $1`,
    [tx.scope.organizationId],
  );

/**
 * From now on it can only be read, and when the time to undo that is over, it is erased. Asked again, it changes nothing.
 * @returns whether it is new
 * @throws `conflict` while something is being recorded, or is held
 */
export async function request(
  tx: Tx,
  { requestedBy, graceMs }: { requestedBy: AccountId; graceMs: number },
): Promise<boolean> {
  // First: whoever holds it to begin a recording has written that down when this goes on.
  if (!(await advance(tx, 'organization', tx.scope.organizationId, 'deletion_scheduled'))) return false;
  await shareKeeping(tx);
  if (await isAnythingHeld(tx))
    throw errors.conflict(
      'There is a legal hold on the organization, or on something in it. Release it first, on the page that shows it.',
    );
  const recording = await tx.first(
    `SELECT FROM app.recordings WHERE state NOT IN ('complete', 'incomplete') LIMIT 1`,
  );
  if (recording !== null)
    throw errors.conflict(
      'Something is being recorded. Stop the recording in its studio and wait until it is finished, then delete the organization.',
    );
  await tx.change(
    `INSERT INTO app.organization_deletions (requested_by, erase_after)
     VALUES ($1, now() + $2 * interval '1 millisecond')`,
    [requestedBy, graceMs],
  );
  await enqueue(tx, 'erase-organization', {}, { inMs: graceMs });
  await enqueue(tx, 'tend-organization-key', {});
  return true;
}

/** @returns false when it has begun, its key may be deleted, or there is none */
export async function undo(tx: Tx): Promise<boolean> {
  const undone = await tx.change(
    `DELETE FROM app.organization_deletions WHERE organization_id = $1 AND started_at IS NULL
       AND (key_deleted_after IS NULL OR key_deleted_after > now())`,
    [tx.scope.organizationId],
  );
  if (undone === 0 || !(await advance(tx, 'organization', tx.scope.organizationId, 'active'))) return false;
  await enqueue(tx, 'tend-organization-key', {});
  return true;
}

/**
 * Whether its key is to be deleted by now: it was asked for, and nothing is held.
 * @returns `begun`: its erasure sees to it
 */
export async function keyIsDue(tx: Tx): Promise<boolean | 'begun'> {
  const row = await get(tx);
  if (row === null) return false;
  return row.startedAt === null ? !(await isAnythingHeld(tx)) : 'begun';
}

/** @param deletedAfter null: it is kept */
export const keyScheduled = (tx: Tx, deletedAfter: Date | null): Promise<number> =>
  tx.change('UPDATE app.organization_deletions SET key_deleted_after = $2 WHERE organization_id = $1', [
    tx.scope.organizationId,
    deletedAfter,
  ]);

/**
 * Holds the organization for the rest of the transaction as one that may be written to and recorded in.
 * @throws `organization_closing`
 */
export async function holdActive(tx: Tx): Promise<void> {
  const row = await tx.first<{ eraseAfter: Date | null }>(
    `SELECT d.erase_after AS "eraseAfter" FROM app.organizations o
     LEFT JOIN app.organization_deletions d USING (organization_id)
     WHERE o.organization_id = $1 FOR SHARE OF o`,
    [tx.scope.organizationId],
  );
  if (row === null) throw errors.organizationGone();
  if (row.eraseAfter !== null) throw errors.organizationClosing(row.eraseAfter.toISOString());
}

/** Of which it is asked whether it is time, for one step or the other. */
const timed = (tx: Tx, at: 'erase_after' | 'forget_after') => ({
  table: 'app.organization_deletions',
  ...{ key: 'organization_id', id: tx.scope.organizationId, at },
});

/**
 * Begins it when it is time (`whetherDue`). What is held is not begun.
 * @returns `gone`: it was undone; a number: to be asked again in so many ms
 */
export async function begin(tx: Tx, confirmMs: number): Promise<'begun' | 'gone' | number> {
  const { organizationId } = tx.scope;
  const row = await tx.first<{ begun: boolean }>(
    `SELECT started_at IS NOT NULL AS begun FROM app.organization_deletions WHERE organization_id = $1 FOR UPDATE`,
    [organizationId],
  );
  if (row === null) return 'gone';
  if (row.begun) return 'begun';
  await shareKeeping(tx);
  if (await isAnythingHeld(tx)) return HELD_LOOK_MS;
  const due = await whetherDue(tx, timed(tx, 'erase_after'), confirmMs);
  if (due !== 'due') return due;
  await tx.change('UPDATE app.organization_deletions SET started_at = now() WHERE organization_id = $1', [
    organizationId,
  ]);
  return 'begun';
}

/** Of what it has ordered of all that it has, also what is not there any more. */
export const exportIds = async (tx: Tx): Promise<string[]> => {
  const rows = await tx.query<{ id: string }>('SELECT export_id AS id FROM app.exports');
  return rows.map(({ id }) => id);
};

/** What follows is noted once. */
export const keysDestroyed = (tx: Tx, keys: readonly DestroyedKey[]): Promise<number> =>
  tx.change(
    `UPDATE app.organization_deletions SET keys = $2, keys_destroyed_at = now()
     WHERE organization_id = $1 AND keys_destroyed_at IS NULL`,
    [tx.scope.organizationId, JSON.stringify(keys)],
  );

export const counted = (tx: Tx, found: { recordings: number; objects: number }): Promise<number> =>
  tx.change(
    `UPDATE app.organization_deletions SET recordings = $2, objects = $3
     WHERE organization_id = $1 AND objects IS NULL`,
    [tx.scope.organizationId, found.recordings, found.objects],
  );

export const seenAbsent = (tx: Tx): Promise<number> =>
  tx.change(
    `UPDATE app.organization_deletions SET absent_at = now() WHERE organization_id = $1 AND absent_at IS NULL`,
    [tx.scope.organizationId],
  );

/** What the account of an erasure is kept for, after it. */
const KEEP = `interval '12 months'`;
const KEEP_MS = 366 * 24 * 3_600_000;

/**
 * It is gone: it has no name and no people any more. What is left of it is forgotten a year from now.
 * @returns false when another worker was faster
 */
export async function finish(
  tx: Tx,
  { finishedAt, receipt }: { finishedAt: Date; receipt: string },
): Promise<boolean> {
  const { organizationId } = tx.scope;
  if (!(await advance(tx, 'organization', organizationId, 'erased', { name: 'Erased' }))) return false;
  await tx.change(
    `UPDATE app.organization_deletions SET requested_by = NULL, due_since = NULL, finished_at = $2, receipt = $3,
       forget_after = $2::timestamptz + ${KEEP} WHERE organization_id = $1`,
    [organizationId, finishedAt, receipt],
  );
  await enqueue(tx, 'forget-organization', {}, { inMs: KEEP_MS });
  return true;
}

/**
 * Forgets an erased organization, with the tombstones whose time is over, when it is time.
 * @returns null when there is nothing (more) to forget; a number: to be asked again in so many ms
 */
export async function forget(tx: Tx, confirmMs: number): Promise<number | null> {
  const { organizationId } = tx.scope;
  const row = await get(tx);
  if (row?.finishedAt == null) return null;
  const due = await whetherDue(tx, timed(tx, 'forget_after'), confirmMs);
  if (due !== 'due') return due;
  await tx.change('DELETE FROM app.audit_tombstones WHERE keep_until <= now()');
  await tx.change('DELETE FROM app.gone_links WHERE keep_until <= now()');
  await tx.change('DELETE FROM app.organizations WHERE organization_id = $1', [organizationId]);
  return null;
}
