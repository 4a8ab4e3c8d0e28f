import type { AccountId, ExportContent, ExportId, ExportLock, State } from '@cratersync/signaling/protocol';
import type { Tx } from './database.ts';
import { whetherDue } from './due.ts';
import { advance } from './lifecycle.ts';
import { type PageOf, type PageRequest, pageOf, placeOf, windowOf } from './page.ts';
import type { AccountScope, OrganizationScope } from './scope.ts';

/** What an organization or a person takes with them. The scope says whose: they have a table each, and otherwise nothing apart. */
export interface Export {
  exportId: ExportId;
  what: ExportContent;
  lockedBy: ExportLock;
  state: State<'export'>;
  orderedBy: AccountId;
  orderedAt: Date;
  /** Sealed; null once the file is whole, or given up. */
  secret: Buffer | null;
  /** With what the file begins. */
  head: Buffer | null;
  /** For every turn, how many parts there were when it began. */
  beganAt: number[];
  parts: number;
  /** Of the whole file, as far as it is there. */
  bytes: number;
  doneSteps: number;
  /** null: nobody has looked yet */
  allSteps: number | null;
  leftOut: number;
  note: string | null;
  finishedAt: Date | null;
  expiresAt: Date | null;
}

export type ExportTx = Tx<OrganizationScope> | Tx<AccountScope>;

const entityOf = (tx: ExportTx) => ('organizationId' in tx.scope ? 'export' : 'own_export');
const tableOf = (tx: ExportTx) => `app.${entityOf(tx)}s`;
const columns = `export_id AS "exportId", what, locked_by AS "lockedBy", state, ordered_by AS "orderedBy",
  ordered_at AS "orderedAt", secret, head, began_at AS "beganAt", parts, bytes, done_steps AS "doneSteps",
  all_steps AS "allSteps", left_out AS "leftOut", note, finished_at AS "finishedAt", expires_at AS "expiresAt"`;

export const byId = (tx: ExportTx, exportId: ExportId): Promise<Export | null> =>
  tx.first(`SELECT ${columns} FROM ${tableOf(tx)} WHERE export_id = $1`, [exportId]);

/** Newest first. */
export async function list(tx: ExportTx, page: PageRequest): Promise<PageOf<Export>> {
  const found = await tx.query<Export & { place: [string, string] }>(
    `SELECT ${columns}, ${placeOf('ordered_at', 'export_id')} FROM ${tableOf(tx)}
     WHERE $1::timestamptz IS NULL OR (ordered_at, export_id) < ($1, $2::uuid)
     ORDER BY ordered_at DESC, export_id DESC LIMIT $3`,
    windowOf(page),
  );
  return pageOf(found, page);
}

/** @returns false when one is under way already */
export async function order(
  tx: ExportTx,
  wanted: Pick<Export, 'exportId' | 'what' | 'lockedBy' | 'orderedBy'> & { secret: Buffer },
): Promise<boolean> {
  const { exportId, what, lockedBy, orderedBy, secret } = wanted;
  const made = await tx.change(
    `INSERT INTO ${tableOf(tx)} (export_id, what, locked_by, ordered_by, secret) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT DO NOTHING`,
    [exportId, what, lockedBy, orderedBy, secret],
  );
  return made === 1;
}

/**
 * Begins, or goes on where another worker was: whoever wrote before has no say any more.
 * @returns null when there is nothing to be written
 */
export const begin = (tx: ExportTx, exportId: ExportId): Promise<Export | null> =>
  tx.first(
    `UPDATE ${tableOf(tx)} SET state = 'running', began_at = began_at || parts
     WHERE export_id = $1 AND state IN ('waiting', 'running') RETURNING ${columns}`,
    [exportId],
  );

/** Changes one that is being written, if it is still one's turn. */
async function inTurn(
  tx: ExportTx,
  { exportId, turn }: { exportId: ExportId; turn: number },
  set: string,
  values: unknown[],
): Promise<boolean> {
  const changed = await tx.change(
    `UPDATE ${tableOf(tx)} SET ${set} WHERE export_id = $1 AND cardinality(began_at) = $2 AND state = 'running'`,
    [exportId, turn, ...values],
  );
  return changed === 1;
}
type Turn = Parameters<typeof inTurn>[1];

/** What it begins with, and the secret that is needed from now on; the one before is forgotten. */
export const prepared = (
  tx: ExportTx,
  turn: Turn,
  { head, secret, allSteps }: { head: Buffer; secret: Buffer; allSteps: number },
): Promise<boolean> =>
  inTurn(tx, turn, 'head = $3::bytea, secret = $4, all_steps = $5, bytes = length($3::bytea), note = NULL', [
    head,
    secret,
    allSteps,
  ]);

export const setProgress = (tx: ExportTx, turn: Turn, doneSteps: number): Promise<boolean> =>
  inTurn(tx, turn, 'done_steps = $3, note = NULL', [doneSteps]);

/** One more part is there. */
export const stored = (
  tx: ExportTx,
  turn: Turn,
  { bytes, doneSteps }: { bytes: number; doneSteps: number },
): Promise<boolean> =>
  inTurn(tx, turn, 'parts = parts + 1, bytes = bytes + $3, done_steps = $4, note = NULL', [bytes, doneSteps]);

/** Why it does not get on. */
export const setNote = (tx: ExportTx, turn: Turn, note: string): Promise<boolean> =>
  inTurn(tx, turn, 'note = $3', [note]);

/** It is whole, and its secret forgotten. */
export const finish = (
  tx: ExportTx,
  turn: Turn,
  { bytes, leftOut, lifetimeMs }: { bytes: number; leftOut: number; lifetimeMs: number },
): Promise<boolean> =>
  inTurn(
    tx,
    turn,
    `state = 'ready', secret = NULL, note = NULL, parts = parts + 1, bytes = bytes + $3, left_out = $4,
     done_steps = all_steps, finished_at = now(), expires_at = now() + $5 * interval '1 millisecond'`,
    [bytes, leftOut, lifetimeMs],
  );

const step = (
  tx: ExportTx,
  exportId: ExportId,
  to: State<'export'>,
  also: Record<string, unknown>,
): Promise<boolean> => advance<ReturnType<typeof entityOf>>(tx, entityOf(tx), exportId, to, also);

/** @returns false when there is nothing to cancel (any more) */
export const cancel = (tx: ExportTx, exportId: ExportId): Promise<boolean> =>
  step(tx, exportId, 'cancelled', { secret: null });

export const fail = (tx: ExportTx, exportId: ExportId, note: string): Promise<boolean> =>
  step(tx, exportId, 'failed', { secret: null, note });

/**
 * Ends what has lain long enough (`whetherDue`).
 * @returns a number: to be asked again in so many ms; 'over': it is to be removed; 'kept': it is not
 */
export async function expire(
  tx: ExportTx,
  exportId: ExportId,
  confirmMs: number,
): Promise<number | 'over' | 'kept'> {
  const table = tableOf(tx);
  const row = await tx.first<{ state: State<'export'> }>(
    `SELECT state FROM ${table} WHERE export_id = $1 FOR UPDATE`,
    [exportId],
  );
  if (row === null) return 'over';
  if (row.state === 'waiting' || row.state === 'running') return 'kept';
  if (row.state !== 'ready') return 'over';
  const due = await whetherDue(tx, { table, key: 'export_id', id: exportId, at: 'expires_at' }, confirmMs);
  if (due !== 'due') return due;
  await step(tx, exportId, 'expired', {});
  return 'over';
}
