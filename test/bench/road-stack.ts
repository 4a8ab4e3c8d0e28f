import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '@cratersync/db';
import { startStack } from '@cratersync/infra/dev';
import { createLog } from '@cratersync/infra/runtime';
import type { Clips } from './clips.ts';
import type { Figures } from './figures.ts';
import { measureJoins } from './road-join.ts';
import { measureRender } from './road-render.ts';

/** What needs all processes: joining, and the way from stop to the last stem. */
export async function measureStack(figures: Figures, clips: Clips): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'cratersync-road-'));
  const stack = await startStack({ dataDir: join(folder, 'data'), port: 0 });
  const database = openDatabase({ url: stack.databaseUrl, log: createLog('bench', 'silent') });
  try {
    const stopToCompleteMs = await measureJoins(figures, stack, database);
    const renderS = await measureRender(figures, stack, database, clips);
    // What is left to store when a recording is stopped does not depend on its length.
    figures.set('stop_to_last_stem_s', stopToCompleteMs / 1000 + renderS, 'both together');
  } finally {
    await database.close();
    await stack.stop();
    await rm(folder, { recursive: true });
  }
}
