import type { Tx } from './database.ts';

/**
 * Whether it is time for what a row says. The clock has to say so twice, `confirmMs` apart: one that was set wrong, and is
 * set right meanwhile, brings nothing about.
 * @param row of the organization in scope; its table has `due_since`, and `at` is the column with when it is time
 * @returns `due`; a number: to be asked again in so many ms
 */
export async function whetherDue(
  tx: Tx,
  row: { table: 'app.organization_deletions'; at: 'erase_after' | 'forget_after' },
  confirmMs: number,
): Promise<'due' | number> {
  const { organizationId } = tx.scope;
  const { table, at } = row;
  const { earlyMs, dueMs } = await tx.one<{ earlyMs: number; dueMs: number | null }>(
    `SELECT extract(epoch FROM ${at} - now())::float8 * 1000 AS "earlyMs",
       extract(epoch FROM now() - due_since)::float8 * 1000 AS "dueMs"
     FROM ${table} WHERE organization_id = $1 FOR UPDATE`,
    [organizationId],
  );
  const note = (since: 'now()' | 'NULL') =>
    tx.change(`UPDATE ${table} SET due_since = ${since} WHERE organization_id = $1`, [organizationId]);
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
