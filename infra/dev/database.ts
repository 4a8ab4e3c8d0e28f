import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { ManagedProcess } from './managed-process.ts';
import { freePorts } from './ports.ts';
import { prepareEmbeddedPostgres, readyLine } from './postgres.ts';
import { readOrMakeSecret } from './secrets.ts';

export interface DatabaseServer {
  /** The superuser's URL of an empty database. */
  ownerUrl: string;
  stop(): Promise<void>;
}

/** A PostgreSQL server of its own in `folder`, for tests that need nothing else of the stack. @throws StartError */
export async function startDatabase(folder: string): Promise<DatabaseServer> {
  await mkdir(folder, { recursive: true });
  const [port = 0] = await freePorts(1);
  const postgres = await prepareEmbeddedPostgres({
    dataDir: path.join(folder, 'postgres'),
    port,
    ownerPassword: readOrMakeSecret(folder, 'database-owner'),
  });
  const server = new ManagedProcess({
    name: 'postgres',
    spawn: postgres.spawn,
    ready: { line: readyLine },
    stopSignal: 'SIGINT',
    onLine: () => {},
    onNote: note => console.error(`postgres ${note}`),
  });
  await server.start();
  return {
    ownerUrl: postgres.ownerUrl,
    stop: async () => {
      await server.stop(10_000);
    },
  };
}
