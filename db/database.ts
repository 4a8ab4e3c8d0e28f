import type { Log } from '@cratersync/infra/runtime';
import { errors } from '@cratersync/signaling/protocol';
import pg from 'pg';

// Sizes and durations are bigint columns; all of ours are far below 2^53.
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

const STATEMENT_TIMEOUT_MS = 10_000;
const CONNECT_TIMEOUT_MS = 3_000;

/** A pool of connections. Queries go through the scopes of scope.ts only. */
export interface Database {
  readonly pool: pg.Pool;
  /** @throws `unavailable` */
  ping(): Promise<void>;
  close(): Promise<void>;
}

export function openDatabase(options: { url: string; max?: number; log: Log }): Database {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.max ?? 10,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    query_timeout: STATEMENT_TIMEOUT_MS + 1000,
  });
  // An idle connection that breaks (the database restarts) is replaced by the next query.
  pool.on('error', error => options.log.warn({ err: error }, 'a database connection broke'));
  return {
    pool,
    ping: async () => {
      await pool.query('SELECT 1').catch((error: unknown) => {
        throw errors.unavailable('database', error);
      });
    },
    close: () => pool.end(),
  };
}

/** Postgres answered with an error of its own (SQLSTATE); everything else is a connection that failed. */
export function isConnectionFailure(error: unknown): boolean {
  if (!(error instanceof pg.DatabaseError)) return true;
  // 08 connection, 57P shutdown and crash, 53 out of resources
  return /^(08|57P|53)/.test(error.code ?? '');
}
