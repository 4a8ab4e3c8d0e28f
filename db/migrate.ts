import { fileURLToPath } from 'node:url';
import { runMigrations } from 'graphile-worker';
import { runner } from 'node-pg-migrate';
import pg from 'pg';

const directory = fileURLToPath(new URL('./migrations', import.meta.url));

/**
 * Brings a database up to date: the two login roles, our tables, the job queue. Safe to run at every start.
 *
 * @param ownerUrl a role that may create roles and schemas in this database
 * @returns the connection strings of signaling's role and of the worker's
 */
export async function migrate(options: {
  ownerUrl: string;
  appPassword: string;
  workerPassword: string;
}): Promise<{ appUrl: string; workerUrl: string }> {
  const { ownerUrl, appPassword, workerPassword } = options;
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    await ensureRole(client, 'cratersync_app', appPassword);
    await ensureRole(client, 'cratersync_worker', workerPassword);
    await runner({
      dbClient: client,
      dir: directory,
      direction: 'up',
      migrationsTable: 'migrations',
      log: () => {},
    });
    await client.query('CREATE SCHEMA IF NOT EXISTS graphile_worker AUTHORIZATION cratersync_worker');
  } finally {
    await client.end();
  }
  const workerUrl = asRole(ownerUrl, 'cratersync_worker', workerPassword);
  await runMigrations({ connectionString: workerUrl });
  return { appUrl: asRole(ownerUrl, 'cratersync_app', appPassword), workerUrl };
}

async function ensureRole(client: pg.Client, name: string, password: string): Promise<void> {
  const { rowCount } = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [name]);
  const verb = rowCount === 0 ? 'CREATE' : 'ALTER';
  await client.query(
    `${verb} ROLE ${pg.escapeIdentifier(name)} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOINHERIT
     PASSWORD ${pg.escapeLiteral(password)}`,
  );
  // The owner hands objects over to the role (ALTER … OWNER TO), for which it must be a member of it.
  await client.query(`GRANT ${pg.escapeIdentifier(name)} TO CURRENT_USER`);
}

function asRole(url: string, user: string, password: string): string {
  const parsed = new URL(url);
  parsed.username = user;
  parsed.password = password;
  return parsed.href;
}
