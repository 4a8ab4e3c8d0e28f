import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { migrate, type RoleUrls } from '@cratersync/db/migrate';
import { ManagedProcess, type ManagedProcessOptions } from './managed-process.ts';
import { assignPorts } from './ports.ts';
import { prepareEmbeddedPostgres, readyLine } from './postgres.ts';
import { readOrMakeSecret } from './secrets.ts';
import { StartError, systemErrorCode } from './start-error.ts';

type Hooks = Pick<ManagedProcessOptions, 'onLine' | 'onNote'>;

/** The embedded server that keeps its cluster in `folder`, at rest. @throws StartError */
export async function embeddedPostgres(
  folder: string,
  port: number,
  hooks: Hooks,
  lockFd?: number,
): Promise<{ server: ManagedProcess; ownerUrl: string }> {
  const postgres = await prepareEmbeddedPostgres({
    dataDir: path.join(folder, 'postgres'),
    port,
    ownerPassword: readOrMakeSecret(folder, 'database-owner'),
  });
  const server = new ManagedProcess({
    name: 'postgres',
    spawn: () => postgres.spawn(lockFd),
    ready: { line: readyLine },
    stopSignal: 'SIGINT',
    ...hooks,
  });
  return { server, ownerUrl: postgres.ownerUrl };
}

/** A PostgreSQL server of its own in `folder`, for tests that need nothing else of the stack. @throws StartError */
export async function startDatabase(
  folder: string,
): Promise<{ /** the superuser's, of an empty database */ ownerUrl: string; stop(): Promise<void> }> {
  await mkdir(folder, { recursive: true });
  const { postgres: port } = await assignPorts(folder, ['postgres']);
  const { server, ownerUrl } = await embeddedPostgres(folder, port, {
    onLine: () => {},
    onNote: note => console.error(`postgres ${note}`),
  });
  await server.start();
  return {
    ownerUrl,
    stop: async () => {
      await server.stop(10_000);
    },
  };
}

/** Brings the database up to date. @throws StartError when it cannot be reached or does not let us in */
export async function migrateDatabase(
  dataDir: string,
  ownerUrl: string,
  pooledUrl?: string,
): Promise<RoleUrls> {
  try {
    return await migrate({
      ownerUrl,
      pooledUrl,
      appPassword: readOrMakeSecret(dataDir, 'database-app'),
      workerPassword: readOrMakeSecret(dataDir, 'database-worker'),
    });
  } catch (error) {
    const reason = whyUnusable(systemErrorCode(error));
    if (reason === undefined) throw error;
    // The password stays out of it.
    const { hostname, port, pathname } = new URL(ownerUrl);
    throw new StartError(
      `PostgreSQL at ${hostname}:${port || 5432}${pathname} ${reason}. ` +
        `Correct ${pooledUrl === undefined ? 'DATABASE_URL, or unset it to use the embedded PostgreSQL' : 'DATABASE_DIRECT_URL'}.`,
      error,
    );
  }
}

/** For what the person can mend; anything else is a bug of ours. */
function whyUnusable(code: string | undefined): string | undefined {
  switch (code) {
    case 'ECONNREFUSED':
    case 'ECONNRESET':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'ETIMEDOUT':
      return `is not reachable (${code})`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'is not reachable: there is no such host';
    case '28P01':
    case '28000':
      return 'does not accept that user and password';
    case '3D000':
      return 'has no database of that name';
    case '42501':
      return 'does not let that user create roles and tables';
    default:
      return undefined;
  }
}
