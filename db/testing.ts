import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDatabase } from '@cratersync/infra/database';
import { createLog } from '@cratersync/infra/runtime';
import pg from 'pg';
import { type Database, openDatabase } from './database.ts';
import { migrate } from './migrate.ts';

/** A migrated database of one test suite's own, reached as each of our roles and as the owner. */
export interface TestDatabase {
  app: Database;
  worker: Database;
  appUrl: string;
  workerUrl: string;
  ownerUrl: string;
  /** Bypasses row-level security: to set a scene, and to look behind the scenes. */
  owner: pg.Client;
  close(): Promise<void>;
}

const passwords = { appPassword: 'app-password', workerPassword: 'worker-password' };
const silent = createLog('test', 'silent');
let server: ReturnType<typeof startServer> | undefined;
let databases = 0;

/** One PostgreSQL server for all suites of a mocha run, in a folder that goes with it. */
async function startServer() {
  const folder = await mkdtemp(join(tmpdir(), 'cratersync-db-'));
  const started = await startDatabase(folder);
  await migrate({ ownerUrl: inDatabase(started.ownerUrl, 'postgres'), ...passwords });
  return { ...started, folder };
}

// At the root of the run: mocha itself is what imports the test files.
after(async () => {
  const started = await server;
  if (started === undefined) return;
  await started.stop();
  await rm(started.folder, { recursive: true, force: true });
});

/** Copies the migrated database: a few milliseconds, where migrating takes a hundred. */
export async function createTestDatabase(): Promise<TestDatabase> {
  server ??= startServer();
  const started = await server;
  databases += 1;
  const name = `test_${databases}`;
  const admin = new pg.Client({ connectionString: inDatabase(started.ownerUrl, 'template1') });
  await admin.connect();
  await admin.query(`CREATE DATABASE ${name} TEMPLATE postgres`);
  await admin.end();

  const ownerUrl = inDatabase(started.ownerUrl, name);
  const appUrl = asRole(ownerUrl, 'cratersync_app', passwords.appPassword);
  const workerUrl = asRole(ownerUrl, 'cratersync_worker', passwords.workerPassword);
  const owner = new pg.Client({ connectionString: ownerUrl });
  await owner.connect();
  const app = openDatabase({ url: appUrl, log: silent });
  const worker = openDatabase({ url: workerUrl, log: silent });
  const close = async () => {
    await Promise.all([app.close(), worker.close(), owner.end()]);
  };
  return { app, worker, appUrl, workerUrl, ownerUrl, owner, close };
}

function inDatabase(url: string, database: string): string {
  return new URL(`/${database}`, url).href;
}

function asRole(url: string, role: string, password: string): string {
  return Object.assign(new URL(url), { username: role, password }).href;
}

export { type Capability, type Scope, scopeStatement } from './scope.ts';
export { createTenant, type Tenant } from './testing-tenant.ts';
