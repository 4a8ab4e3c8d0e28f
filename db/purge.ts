import type { Tx } from './database.ts';

const KEEP = `now() + interval '12 months'`;

/** So many rows of one table, of the organization in scope. */
const some = (table: string, rows: number) =>
  `DELETE FROM app.${table} WHERE ctid = ANY (ARRAY(SELECT ctid FROM app.${table} LIMIT ${rows}))`;

/** What is left of some of an organization's rows. */
const remains: Record<string, (rows: number) => string> = {
  invitations: rows =>
    `WITH gone AS (${some('invitations', rows)} RETURNING token_hash)
     INSERT INTO app.gone_links (token_hash, keep_until) SELECT token_hash, ${KEEP} FROM gone
     ON CONFLICT DO NOTHING`,
  // In the order of the log: the oldest are the first to go.
  audit_entries: rows =>
    `WITH gone AS (
       DELETE FROM app.audit_entries
       WHERE sequence = ANY (ARRAY(SELECT sequence FROM app.audit_entries ORDER BY sequence LIMIT ${rows}))
       RETURNING sequence, at, actor_kind, action, target_kind, hash)
     INSERT INTO app.audit_tombstones (at, actor_kind, action, target_kind, hash, keep_until)
     SELECT at, actor_kind, action, target_kind, hash, ${KEEP} FROM gone ORDER BY sequence`,
};

/** All that an organization has, what refers to others first. A test finds what is missing here. */
const tables = {
  content: [
    ...[
      'webhook_deliveries',
      'webhooks',
      'api_tokens',
      'idempotency_keys',
      'customer_keys',
      'notice_acknowledgements',
    ],
    ...['exports', 'shares', 'markers', 'renders', 'stem_files', 'stems', 'deletions', 'recordings'],
    ...['participants', 'invitations', 'sessions', 'member_invitations', 'audit_entries'],
  ],
  members: ['past_memberships', 'memberships', 'subscriptions'],
} as const;

/**
 * Deletes some rows of an organization that is being erased. It is asked until there are none: a long transaction would
 * keep everybody else's old rows, too.
 * @returns whether there may be more
 */
export async function purge(tx: Tx, what: keyof typeof tables, rows = 2000): Promise<boolean> {
  // Of what members read, nothing waits for an operator any more.
  if (what === 'content')
    await tx.change(`DELETE FROM app.dead_letters WHERE job ->> 'organizationId' = $1`, [
      tx.scope.organizationId,
    ]);
  for (const table of tables[what]) {
    const statement = remains[table]?.(rows) ?? some(table, rows);
    if ((await tx.change(statement)) > 0) return true;
  }
  return false;
}
