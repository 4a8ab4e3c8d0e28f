// What the API and its walls cost: requests a second, row-level security, and the way into a room that is one of many.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startStack } from '@cratersync/infra/dev';
import pg from 'pg';
import { measureRequests } from './api-requests.ts';
import { measureRls } from './api-rls.ts';
import { measureRooms } from './api-rooms.ts';
import { bench } from './figures.ts';

await bench('api', 8 * 60_000, async figures => {
  const folder = await mkdtemp(join(tmpdir(), 'cratersync-api-'));
  const env = { ...process.env, API_REQUESTS_PER_MINUTE: '10000000', LOG_LEVEL: 'warn' };
  const stack = await startStack({ env, dataDir: join(folder, 'data'), port: 0 });
  const owner = new pg.Client(stack.databaseUrl);
  await owner.connect();
  try {
    await measureRequests(figures, stack, owner);
    await measureRls(figures, stack.databaseUrl, owner);
    await measureRooms(figures, stack);
  } finally {
    await owner.end();
    await stack.stop();
    await rm(folder, { recursive: true });
  }
});
