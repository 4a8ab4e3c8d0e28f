import { type AccountId, errors, type OrganizationId } from '@cratersync/signaling/protocol';
import type pg from 'pg';
import { type Database, isConnectionFailure } from './database.ts';

/** What a transaction may see. Row-level security lets through exactly this. */
export type Scope =
  | { kind: 'organization'; organizationId: OrganizationId }
  | { kind: 'account'; accountId: AccountId }
  | { kind: 'invitation'; hash: Buffer }
  | { kind: 'credential'; hash: Buffer }
  | { kind: 'unscoped' };

/** A transaction inside a scope: what every query module takes. */
export interface Tx {
  readonly scope: Scope;
  query<Row extends pg.QueryResultRow>(sql: string, values?: unknown[]): Promise<pg.QueryResult<Row>>;
}

/**
 * The one statement that sets the scope, for this transaction only. Every setting is set each time, so that nothing
 * of an earlier user of the connection can be left.
 */
export function scopeStatement(scope: Scope): { text: string; values: string[] } {
  return {
    text: `SELECT set_config('app.organization_id', $1, true), set_config('app.account_id', $2, true),
      set_config('app.invitation_hash', $3, true), set_config('app.credential_hash', $4, true)`,
    values: [
      scope.kind === 'organization' ? scope.organizationId : '',
      scope.kind === 'account' ? scope.accountId : '',
      scope.kind === 'invitation' ? scope.hash.toString('hex') : '',
      scope.kind === 'credential' ? scope.hash.toString('hex') : '',
    ],
  };
}

/** Runs `work` in one transaction that sees only what `scope` allows. @throws `unavailable` when the database is away */
async function within<T>(db: Database, scope: Scope, work: (tx: Tx) => Promise<T>): Promise<T> {
  const client = await reached(db.pool.connect());
  const tx: Tx = { scope, query: (sql, values) => reached(client.query(sql, values)) };
  const { text, values } = scopeStatement(scope);
  let broken: Error | undefined;
  try {
    await tx.query('BEGIN');
    await tx.query(text, values);
    const result = await work(tx);
    await tx.query('COMMIT');
    return result;
  } catch (error) {
    // A connection that cannot roll back is not used again.
    await client.query('ROLLBACK').catch((fault: Error) => {
      broken = fault;
    });
    throw error;
  } finally {
    client.release(broken);
  }
}

/** Errors of a statement stay what they are; a connection that failed is `unavailable`. */
async function reached<T>(query: Promise<T>): Promise<T> {
  try {
    return await query;
  } catch (error) {
    throw isConnectionFailure(error) ? errors.unavailable('database', error) : error;
  }
}

/** The only way to a tenant's rows. */
export const inOrganization = <T>(
  db: Database,
  organizationId: OrganizationId,
  work: (tx: Tx) => Promise<T>,
) => within(db, { kind: 'organization', organizationId }, work);

/** A signed-in person's own memberships and the organizations they lead to. */
export const asAccount = <T>(db: Database, accountId: AccountId, work: (tx: Tx) => Promise<T>) =>
  within(db, { kind: 'account', accountId }, work);

/** The one row that a link or a credential opens. */
export const withCapability = <T>(
  db: Database,
  capability: { kind: 'invitation' | 'credential'; hash: Buffer },
  work: (tx: Tx) => Promise<T>,
) => within(db, capability, work);

/** Accounts, codes and web sessions: nothing of an organization is visible. */
export const unscoped = <T>(db: Database, work: (tx: Tx) => Promise<T>) =>
  within(db, { kind: 'unscoped' }, work);

/** The organization of the scope, for inserts. */
export function organizationOf(tx: Tx): OrganizationId {
  if (tx.scope.kind !== 'organization') throw new Error('this query needs an organization scope');
  return tx.scope.organizationId;
}
