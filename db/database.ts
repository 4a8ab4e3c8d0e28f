import type { Log } from '@cratersync/infra/runtime';
import { type AccountId, errors, type OrganizationId } from '@cratersync/signaling/protocol';
import pg from 'pg';
import {
  type AccountScope,
  type Capability,
  type CapabilityScope,
  type OrganizationScope,
  type Scope,
  scopeStatement,
} from './scope.ts';

/** A pool of connections. Rows are reached only through the five functions below. */
export interface Database {
  readonly pool: pg.Pool;
  /** @throws AppError `unavailable` when the database does not answer */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/**
 * A transaction in a scope; without a parameter, in an organization's. The parameter keeps a query that needs an
 * organization from being run without one. A query's rows have the type that its author states.
 */
export interface Tx<S extends Scope = OrganizationScope> {
  readonly scope: S;
  query<Row>(text: string, values?: readonly unknown[]): Promise<Row[]>;
  /** The first row, or null. */
  first<Row>(text: string, values?: readonly unknown[]): Promise<Row | null>;
  /** The row of a statement that always gives one. */
  one<Row>(text: string, values?: readonly unknown[]): Promise<Row>;
  /** How many rows a writing statement touched. */
  change(text: string, values?: readonly unknown[]): Promise<number>;
}

/** bigint columns hold bytes and milliseconds here, all of them far below 2^53. */
const types: pg.CustomTypesConfig = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    oid === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(oid, format as 'text'),
};

/**
 * Connects when first used, and again after the database was away. How long a statement may take is a setting of the
 * role (migrate.ts); the pool's own limits are for a database that does not answer at all.
 */
export function openDatabase(options: { url: string; max?: number; log: Log }): Database {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.max ?? 10,
    connectionTimeoutMillis: 5_000,
    query_timeout: 12_000,
    keepAlive: true,
    types,
  });
  pool.on('error', err => options.log.warn({ err }, 'an idle database connection was lost'));
  return {
    pool,
    ping: async () => {
      await reached(pool.query('SELECT'));
    },
    close: () => pool.end(),
  };
}

/** Reads and writes the rows of one organization: the only way to a tenant's rows. */
export const inOrganization = <T>(
  db: Database,
  organizationId: OrganizationId,
  work: (tx: Tx) => Promise<T>,
): Promise<T> => transaction(db, { organizationId }, work);

/** Reads an account's own memberships and the organizations it belongs to. */
export const asAccount = <T>(
  db: Database,
  accountId: AccountId,
  work: (tx: Tx<AccountScope>) => Promise<T>,
): Promise<T> => transaction(db, { accountId }, work);

/**
 * What an account does to itself, and then what that means in each organization that it belongs to: in one transaction,
 * in one scope after the other. In the order of their ids, so that two who hold locks there never wait for each other.
 */
export const asAccountAndInEach = <T>(
  db: Database,
  accountId: AccountId,
  { own, inEach }: { own: (tx: Tx<AccountScope>) => Promise<T>; inEach: (tx: Tx) => Promise<void> },
): Promise<T> =>
  transaction(db, { accountId }, async (tx, enter) => {
    const result = await own(tx);
    const belongs = await tx.query<{ organizationId: OrganizationId }>(
      `SELECT organization_id AS "organizationId" FROM app.memberships
       WHERE account_id = $1 AND ended_at IS NULL ORDER BY organization_id`,
      [accountId],
    );
    for (const { organizationId } of belongs) await inEach(await enter({ organizationId }));
    return result;
  });

/** Reads what a token or a credential opens, and nothing beside it. */
export const withCapability = <T>(
  db: Database,
  capability: Capability,
  work: (tx: Tx<CapabilityScope>) => Promise<T>,
): Promise<T> => transaction(db, { capability }, work);

/** For accounts, sign-in codes and web sessions, which belong to no organization. No tenant's row is visible. */
export const unscoped = <T>(db: Database, work: (tx: Tx<Scope>) => Promise<T>): Promise<T> =>
  transaction<Scope, T>(db, {}, work);

/** Leaves whatever scope there is for another one. */
type Enter = <S extends Scope>(scope: S) => Promise<Tx<S>>;

async function transaction<S extends Scope, T>(
  db: Database,
  scope: S,
  work: (tx: Tx<S>, enter: Enter) => Promise<T>,
): Promise<T> {
  const client = await reached(db.pool.connect());
  // A connection lost between two queries says so to nobody else; the next query on it fails.
  const ignore = () => {};
  client.on('error', ignore);
  let broken = false;
  try {
    await reached(client.query(`BEGIN; ${scopeStatement(scope)}`));
    const enter: Enter = async next => {
      await reached(client.query(scopeStatement(next)));
      return statementsOn(client, next);
    };
    const result = await work(statementsOn(client, scope), enter);
    await reached(client.query('COMMIT'));
    return result;
  } catch (error) {
    // A connection that can't roll back is not used again.
    await client.query('ROLLBACK').catch(() => {
      broken = true;
    });
    throw error;
  } finally {
    client.off('error', ignore);
    client.release(broken);
  }
}

function statementsOn<S extends Scope>(client: pg.PoolClient, scope: S): Tx<S> {
  const run = (text: string, values: readonly unknown[] = []) => reached(client.query(text, [...values]));
  return {
    scope,
    query: async (text, values) => (await run(text, values)).rows,
    first: async (text, values) => (await run(text, values)).rows[0] ?? null,
    one: async (text, values) => {
      const [row] = (await run(text, values)).rows;
      if (row === undefined) throw new Error(`no row came back from: ${text}`);
      return row;
    },
    change: async (text, values) => (await run(text, values)).rowCount ?? 0,
  };
}

/**
 * What Postgres says of a statement stays what it is. Everything else is a connection that failed, or a database that
 * is starting, stopping, overloaded (SQLSTATE 08, 57P, 53) or too slow (57014: the role's statement_timeout).
 */
async function reached<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (thrown) {
    const code = thrown instanceof pg.DatabaseError ? thrown.code : undefined;
    if (code === '57014') throw errors.timedOut('The database');
    if (code === undefined || /^(08|57P|53)/.test(code)) throw errors.unavailable('database', thrown);
    throw thrown;
  }
}
