import { once } from 'node:events';
import { mkdir, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { jobs, openDatabase, unscoped } from '@cratersync/db';
import { type ProcessContext, readConfig, runProcess, Sealer, Signer } from '@cratersync/infra/runtime';
import { billingConfig } from '@cratersync/signaling/billing';
import { mailMetrics, openPost } from '@cratersync/signaling/mail';
import { backupMetrics } from './backup-metrics.ts';
import { finder } from './downloads/find.ts';
import { type DownloadsContext, downloads } from './downloads/index.ts';
import { keyMetrics } from './key-metrics.ts';
import { openKeys } from './keys/index.ts';
import { givenUpLetters, letterMetrics } from './letters/index.ts';
import { Lanes } from './stems/index.ts';
import { openStore } from './store/index.ts';
import { workerShape } from './worker-config.ts';
import { jobGroups } from './worker-jobs.ts';
import { jobMetrics } from './worker-metrics.ts';
import { startQueue } from './worker-queue.ts';

runProcess('worker', start);

async function start({ log, metrics, env, onShutdown, onStatus }: ProcessContext): Promise<void> {
  const config = readConfig(workerShape, env);
  const db = openDatabase({ url: config.DATABASE_URL, log });
  onShutdown(() => db.close());
  const store = await openStore(config);
  onShutdown(() => store.close());
  const keys = await openKeys(config, keyMetrics(metrics));
  const onDone = jobMetrics(metrics, db);
  letterMetrics(metrics, db);
  if (config.BACKUP_DIR !== undefined) backupMetrics(metrics, config.BACKUP_DIR);
  onStatus(async () => ({
    jobs: await unscoped(db, tx => jobs.queue(tx)),
    givenUpLetters: await givenUpLetters(db),
  }));

  const nodeSecrets = [config.NODE_SECRET, config.NODE_SECRET_PREVIOUS ?? []].flat();
  const checkHealth = () => db.ping();
  const found = finder(db, store, config.NODE_REGION);
  const close = await serve(config.WORKER_PORT, {
    ...found,
    checkHealth,
    store,
    keys,
    nodeSecrets,
    log,
    metrics,
  });
  onShutdown(close);

  // Whoever holds the port is this worker: scratch files and locked jobs under its number are a dead one's.
  const scratch = join(config.DATA_DIR, 'scratch', String(config.WORKER_PORT));
  await rm(scratch, { recursive: true, force: true });
  await mkdir(scratch, { recursive: true, mode: 0o700 });

  const post = openPost(config, { onSent: mailMetrics(metrics) });
  onShutdown(() => post.close());
  const groups = jobGroups({
    ...{ db, store, keys, post, scratch, log },
    lanes: new Lanes(config.WORKER_PARALLEL),
    signer: new Signer(config.SEALING_KEY),
    sealer: new Sealer(config.SEALING_KEY, config.SEALING_KEY_PREVIOUS),
    billing: billingConfig(config, { isTold: false }),
    region: config.NODE_REGION,
    lettersPerHour: config.LETTERS_PER_HOUR,
    rotationDays: config.KEY_ROTATION_DAYS,
    allowPrivate: config.WEBHOOK_ALLOW_PRIVATE,
  });
  const connectionString = config.DATABASE_DIRECT_URL ?? config.DATABASE_URL;
  for (const { nameFile, ...group } of groups) {
    const runner = await startQueue({
      ...{ ...group, nameFile: `${scratch}.${nameFile}` },
      ...{ connectionString, log, onDone },
    });
    onShutdown(() => runner.stop());
  }
}

/** @returns what ends it */
async function serve(port: number, context: DownloadsContext): Promise<() => void> {
  const server = createServer(downloads(context)).listen(port, '127.0.0.1');
  await once(server, 'listening');
  return () => {
    server.closeAllConnections();
    server.close();
  };
}
