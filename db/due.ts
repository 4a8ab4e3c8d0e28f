import type { Tx } from './database.ts';
import type { AccountScope, OrganizationScope } from './scope.ts';

/** A row of whoever is in scope that says when it is time for something. All names come from our own code. */
interface Timed {
  table: string;
  /** Its key, and the value of that. */
  key: string;
  id: string;
  /** The column with when it is time. */
  at: string;
  /** The column that notes since when the clock has said that it is. */
  since?: string;
}

/**
 * Whether it is time for what a row says. The clock has to say so twice, `confirmMs` apart: one that was set wrong, and is
 * set right meanwhile, brings nothing about. The row is held for the rest of the transaction.
 * @returns `due`; a number: to be asked again in so many ms
 */
export async function whetherDue(
  tx: Tx<OrganizationScope> | Tx<AccountScope>,
  { table, key, id, at, since = 'due_since' }: Timed,
  confirmMs: number,
): Promise<'due' | number> {
  const { earlyMs, dueMs } = await tx.one<{ earlyMs: number; dueMs: number | null }>(
    `SELECT extract(epoch FROM ${at} - now())::float8 * 1000 AS "earlyMs",
       extract(epoch FROM now() - ${since})::float8 * 1000 AS "dueMs"
     FROM ${table} WHERE ${key} = $1 FOR UPDATE`,
    [id],
  );
  const note = (noted: 'now()' | 'NULL') =>
    tx.change(`UPDATE ${table} SET ${since} = ${noted} WHERE ${key} = $1`, [id]);
  if (earlyMs > 0) {
    await note('NULL');
    return earlyMs;
  }
  if (dueMs === null || dueMs < 0) {
    await note('now()');
    return confirmMs;
  }
  return dueMs < confirmMs ? confirmMs - dueMs : 'due';
}
