import { fileURLToPath } from 'node:url';
import { runMigrations as migrateJobQueue } from 'graphile-worker';
import { runner } from 'node-pg-migrate';
import pg from 'pg';

/** The two roles our processes connect as. Neither may bypass row-level security or create anything. */
export const roles = { app: 'cratersync_app', worker: 'cratersync_worker' } as const;

const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** What our processes connect with. */
export interface RoleUrls {
  appUrl: string;
  workerUrl: string;
  /** Never by way of a pooler: the worker's LISTEN needs a connection of its own. */
  workerDirectUrl: string;
}

/**
 * Brings the database to this version's schema; with nothing to do it takes a few milliseconds. `ownerUrl`'s user
 * is a superuser, or owns the database and may create roles. The passwords become those of the two roles.
 *
 * @param options.ownerUrl leads to the server itself: migrations hold a lock for as long as their connection lasts
 * @param options.pooledUrl leads to a pooler (PgBouncer) in front of it, by which queries go
 */
export async function migrate(options: {
  ownerUrl: string;
  pooledUrl?: string | undefined;
  appPassword: string;
  workerPassword: string;
}): Promise<RoleUrls> {
  const { ownerUrl, pooledUrl = ownerUrl } = options;
  const workerDirectUrl = urlFor(ownerUrl, roles.worker, options.workerPassword);
  const owner = new pg.Client({ connectionString: options.ownerUrl });
  await owner.connect();
  try {
    // From here on nobody else migrates this database; the lock ends with the connection.
    await owner.query(`SELECT pg_advisory_lock(hashtext('cratersync/migrate'))`);
    await ensureRole(owner, roles.app, options.appPassword);
    await ensureRole(owner, roles.worker, options.workerPassword);
    await runner({
      dbClient: owner,
      dir: fileURLToPath(new URL('migrations', import.meta.url)),
      direction: 'up',
      migrationsSchema: 'app',
      migrationsTable: 'migrations',
      createMigrationsSchema: true,
      advisoryLockMode: 'wait',
      logger: quiet,
    });
    await migrateQueueAs(owner, workerDirectUrl);
  } finally {
    await owner.end();
  }
  return {
    appUrl: urlFor(pooledUrl, roles.app, options.appPassword),
    workerUrl: urlFor(pooledUrl, roles.worker, options.workerPassword),
    workerDirectUrl,
  };
}

/** The time-outs are the role's own, not start-up parameters of the connection, which PgBouncer would refuse. */
async function ensureRole(owner: pg.Client, role: string, password: string): Promise<void> {
  const { rowCount } = await owner.query('SELECT FROM pg_roles WHERE rolname = $1', [role]);
  // A new role may do nothing by default; who is no superuser may not even say so again.
  if (rowCount === 0) await owner.query(`CREATE ROLE ${role} NOINHERIT`);
  await owner.query(`ALTER ROLE ${role} LOGIN PASSWORD ${pg.escapeLiteral(password)}`);
  await owner.query(`ALTER ROLE ${role} SET statement_timeout = '10s'`);
  await owner.query(`ALTER ROLE ${role} SET idle_in_transaction_session_timeout = '60s'`);
  await owner.query(`ALTER ROLE ${role} SET search_path = pg_catalog`);
  // An owner who is no superuser can give things to a role only as its member.
  await owner.query(
    `DO $$ BEGIN
       IF NOT pg_has_role(current_user, '${role}', 'SET') THEN GRANT ${role} TO CURRENT_USER; END IF;
     END $$`,
  );
}

/** CREATE SCHEMA IF NOT EXISTS asks for the right to create even where the schema exists: lent while it is new. */
async function migrateQueueAs(owner: pg.Client, workerUrl: string) {
  const { rows } = await owner.query(
    `SELECT current_database() AS name, to_regclass('graphile_worker.migrations') IS NULL AS new`,
  );
  const database = pg.escapeIdentifier(rows[0].name);
  if (rows[0].new) await owner.query(`GRANT CREATE ON DATABASE ${database} TO ${roles.worker}`);
  // Migrations may take longer than the role's statements otherwise do.
  const url = new URL(workerUrl);
  url.searchParams.set('options', '-c statement_timeout=0');
  // A pool of our own: given a URL, the queue's migrations return before their connections have closed.
  const pgPool = new pg.Pool({ connectionString: url.href });
  // A connection that breaks fails its query; that is where it is told.
  pgPool.on('error', () => {}).on('connect', client => void client.on('error', () => {}));
  try {
    await migrateJobQueue({ pgPool });
  } finally {
    await pgPool.end();
    if (rows[0].new) await owner.query(`REVOKE CREATE ON DATABASE ${database} FROM ${roles.worker}`);
  }
}

function urlFor(someUrl: string, role: string, password: string): string {
  const url = new URL(someUrl);
  url.username = role;
  url.password = encodeURIComponent(password);
  return url.href;
}
