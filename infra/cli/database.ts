import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Database, openDatabase } from '@cratersync/db';
import { roles } from '@cratersync/db/migrate';
import { AppError, errors } from '@cratersync/signaling/protocol';
import { z } from 'zod';
import { databaseOwner } from '../dev/postgres.ts';
import { createLog, readConfig } from '../runtime/index.ts';

const shape = {
  DATA_DIR: z.string().default('./.data'),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
};

/**
 * The database as signaling sees it: through the walls between tenants. With an owner's DATABASE_URL or the embedded
 * PostgreSQL, whose port and passwords lie in DATA_DIR.
 * @throws ConfigError; AppError `unavailable`, saying what to do, when it does not answer
 */
export const openAppDatabase = (env: NodeJS.ProcessEnv): Promise<Database> => open(env, appUrl);

/** The same as its owner, who alone may do some things. @throws as openAppDatabase */
export const openOwnerDatabase = (env: NodeJS.ProcessEnv): Promise<Database> => open(env, url => url);

async function open(
  env: NodeJS.ProcessEnv,
  urlFor: (ownerUrl: string, dataDir: string) => string,
): Promise<Database> {
  const { DATA_DIR, DATABASE_URL } = readConfig(shape, env);
  const db = openDatabase({
    url: urlFor(DATABASE_URL ?? embeddedUrl(DATA_DIR), DATA_DIR),
    max: 2,
    log: createLog('cratersync', 'silent'),
  });
  try {
    await db.ping();
    return db;
  } catch (error) {
    await db.close();
    throw unreachable(
      DATABASE_URL === undefined ? 'Start CraterSync (make start)' : 'Check DATABASE_URL',
      error,
    );
  }
}

/** The role's own password, where the launcher has made one; else the URL is taken as it is. */
function appUrl(url: string, dataDir: string): string {
  const password = secret(dataDir, 'database-app');
  if (password === null) return url;
  return Object.assign(new URL(url), { username: roles.app, password: encodeURIComponent(password) }).href;
}

function embeddedUrl(dataDir: string): string {
  const ports = join(dataDir, 'ports.json');
  const password = secret(dataDir, 'database-owner');
  if (password === null || !existsSync(ports))
    throw unreachable(`Set DATA_DIR to where CraterSync keeps its data (not ${dataDir})`);
  const { postgres } = z.object({ postgres: z.number() }).parse(JSON.parse(readFileSync(ports, 'utf8')));
  return `postgresql://${databaseOwner}:${password}@127.0.0.1:${postgres}/postgres`;
}

function secret(dataDir: string, name: string): string | null {
  const file = join(dataDir, 'secrets', name);
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : null;
}

function unreachable(advice: string, cause?: unknown): AppError {
  const body = errors.unavailable('database').toBody();
  const message = `The database is not reachable. ${advice}, or set DATABASE_URL to another.`;
  return new AppError(503, { ...body, message }, cause);
}
