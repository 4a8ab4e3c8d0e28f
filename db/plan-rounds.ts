import type { AccountId } from '@cratersync/signaling/protocol';
import type { Tx } from './database.ts';
import type { Scope } from './scope.ts';

/** Begins a round where the last one was made under another setting. @returns false when there is none to be made */
export async function begin(tx: Tx<Scope>, isBilled: boolean): Promise<boolean> {
  await tx.change(
    'UPDATE app.plan_rounds SET is_billed = $1, up_to = NULL, finished_at = NULL WHERE is_billed <> $1',
    [isBilled],
  );
  return (await tx.first('SELECT FROM app.plan_rounds WHERE finished_at IS NULL')) !== null;
}

/** The next accounts of that round, in their order; none: all have been, or another round has begun. */
export const next = async (tx: Tx<Scope>, isBilled: boolean, limit: number): Promise<AccountId[]> => {
  const rows = await tx.query<{ accountId: AccountId }>(
    `SELECT a.account_id AS "accountId" FROM app.accounts a, app.plan_rounds p
     WHERE p.is_billed = $1 AND (p.up_to IS NULL OR a.account_id > p.up_to) AND a.purged_at IS NULL
     ORDER BY a.account_id LIMIT $2`,
    [isBilled, limit],
  );
  return rows.map(({ accountId }) => accountId);
};

export const reached = (tx: Tx<Scope>, isBilled: boolean, accountId: AccountId): Promise<number> =>
  tx.change('UPDATE app.plan_rounds SET up_to = $2 WHERE is_billed = $1', [isBilled, accountId]);

export const finish = (tx: Tx<Scope>, isBilled: boolean): Promise<number> =>
  tx.change('UPDATE app.plan_rounds SET finished_at = now() WHERE is_billed = $1', [isBilled]);
