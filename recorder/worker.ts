import { once } from 'node:events';
import { mkdir, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import {
  enqueue,
  exports,
  inOrganization,
  jobs,
  openDatabase,
  organizationDeletions,
  organizations,
  unscoped,
} from '@cratersync/db';
import { type ProcessContext, readConfig, runProcess, Sealer, Signer } from '@cratersync/infra/runtime';
import { billingConfig } from '@cratersync/signaling/billing';
import { mailMetrics, openPost } from '@cratersync/signaling/mail';
import { accountId, errors, organizationId, recordingId, renderId } from '@cratersync/signaling/protocol';
import type { JobHelpers } from 'graphile-worker';
import { z } from 'zod';
import { purgeAccount } from './accounts/purge-account.ts';
import { backupMetrics } from './backup-metrics.ts';
import { billingJobs } from './billing/billing-jobs.ts';
import { type DownloadsContext, downloads } from './downloads/index.ts';
import { CONFIRM_MS, eraseOrganization, eraseRecording } from './erasure/index.ts';
import { exportFile, exportJobs, inScopeOf } from './exports/index.ts';
import { keyMetrics } from './key-metrics.ts';
import { openKeys } from './keys/index.ts';
import { sendLetter } from './letters/send-letter.ts';
import { announceNotices } from './notices/announce-notices.ts';
import { openRecording } from './reader.ts';
import { regionalTasks } from './regional-tasks.ts';
import { applyRetention } from './retention/apply-retention.ts';
import { rotateDue, tendCustomerKey } from './rotation/index.ts';
import {
  databaseExtraLedger,
  databaseLedger,
  extrasOf,
  findRecording,
  Lanes,
  markersOf,
  renderExtra,
  renderRecording,
} from './stems/index.ts';
import { openStore } from './store/index.ts';
import { deliverWebhook } from './webhooks/deliver.ts';
import { workerShape } from './worker-config.ts';
import { jobMetrics } from './worker-metrics.ts';
import { startQueue } from './worker-queue.ts';

/** A stem that has failed this often waits for a person instead of the next attempt. */
const MAX_ATTEMPTS = 8;

/** How much of their work is done at the same time is for their lanes to say. */
const RENDERINGS_AT_ONCE = 4;
/** They take hours: what is rendered or erased must not wait for them. */
const EXPORTS_AT_ONCE = 2;
/** They wait for others; what is rendered must not keep them waiting. */
const DELIVERIES_AT_ONCE = 10;

const recordingJob = z.strictObject({ organizationId, recordingId });
const accountJob = z.strictObject({ accountId });
const organizationJob = z.strictObject({ organizationId });
const renderExtraJob = z.strictObject({ organizationId, recordingId, renderId });

/** Once a day, whenever the first worker is there; in UTC. */
const ROTATION_TIME = '30 2 * * * rotate-keys ?fill=1d&jobKey=rotate-keys&max=3';

runProcess('worker', start);

async function start({ log, metrics, env, onShutdown, onStatus }: ProcessContext): Promise<void> {
  const config = readConfig(workerShape, env);
  const db = openDatabase({ url: config.DATABASE_URL, log });
  onShutdown(() => db.close());
  const store = await openStore(config);
  onShutdown(() => store.close());
  const keys = await openKeys(config, keyMetrics(metrics));
  const onDone = jobMetrics(metrics, db);
  if (config.BACKUP_DIR !== undefined) backupMetrics(metrics, config.BACKUP_DIR);
  onStatus(async () => ({ jobs: await unscoped(db, tx => jobs.queue(tx)) }));

  const find: DownloadsContext['find'] = async (organization, recording) => {
    const found = await findRecording(db, organization, recording);
    if (found === null) return null;
    const region = await inOrganization(db, organization, tx => organizations.regionOf(tx));
    if (region !== (config.NODE_REGION ?? region)) throw errors.wrongRegion(region);
    const stems = await databaseLedger(db, found).rows();
    return { ...found, stems, extras: await extrasOf(db, found), markers: await markersOf(db, found) };
  };
  const findExport: DownloadsContext['findExport'] = async place => {
    const row = await inScopeOf(db, place, tx => exports.byId(tx, place.exportId));
    return row === null ? null : exportFile(store, row);
  };
  const checkHealth = () => db.ping();
  const nodeSecrets = [config.NODE_SECRET, config.NODE_SECRET_PREVIOUS ?? []].flat();
  const server = createServer(
    downloads({ find, findExport, checkHealth, store, keys, nodeSecrets, log, metrics }),
  );
  server.listen(config.WORKER_PORT, '127.0.0.1');
  await once(server, 'listening');
  onShutdown(() => {
    server.closeAllConnections();
    server.close();
  });

  // Whoever holds the port is this worker: scratch files and locked jobs under its number are a dead one's.
  const scratch = join(config.DATA_DIR, 'scratch', String(config.WORKER_PORT));
  await rm(scratch, { recursive: true, force: true });
  await mkdir(scratch, { recursive: true, mode: 0o700 });

  const lanes = new Lanes(config.WORKER_PARALLEL);
  const common = { store, scratch, lanes, log };
  const attemptOf = (helpers: JobHelpers) => ({
    signal: helpers.abortSignal ?? new AbortController().signal,
    lastAttempt: helpers.job.attempts >= Math.min(MAX_ATTEMPTS, helpers.job.max_attempts),
  });
  const renderStems = async (payload: unknown, helpers: JobHelpers) => {
    const job = recordingJob.parse(payload);
    const recording = await findRecording(db, job.organizationId, job.recordingId);
    if (recording === null) return;
    const ledger = databaseLedger(db, recording);
    const open = () => openRecording(store, keys, recording);
    await renderRecording({ ...common, ...attemptOf(helpers), open, ledger }, recording);
  };
  const renderOrdered = async (payload: unknown, helpers: JobHelpers) => {
    const job = renderExtraJob.parse(payload);
    const recording = await findRecording(db, job.organizationId, job.recordingId);
    if (recording === null) return;
    const ledger = databaseExtraLedger(db, recording, job.renderId);
    const open = () => openRecording(store, keys, recording);
    const stems = () => databaseLedger(db, recording).rows();
    await renderExtra({ ...common, ...attemptOf(helpers), open, ledger, stems }, recording);
  };
  const signer = new Signer(config.SEALING_KEY);
  const erase = async (payload: unknown) => {
    const job = recordingJob.parse(payload);
    const inMs = await eraseRecording({ db, keys, store, signer, log }, job);
    if (inMs === null) return;
    const again = { recordingId: job.recordingId };
    await inOrganization(db, job.organizationId, tx => enqueue(tx, 'erase-recording', again, { inMs }));
  };
  const tend = async (payload: unknown) => {
    await tendCustomerKey({ db, keys, log }, organizationJob.parse(payload).organizationId);
  };
  const rotateKeys = async () => {
    const rotated = await rotateDue({ db, keys }, config.KEY_ROTATION_DAYS);
    for (const one of rotated) log.info(one, 'rotated the key of an organization');
    // The queue tries again what is not finished.
    const failed = rotated.find(({ failure }) => failure !== null);
    if (failed !== undefined) throw new Error(`a rotation is not finished: ${failed.failure}`);
  };
  const eraseWhole = async (payload: unknown, { abortSignal: signal }: JobHelpers) => {
    const { organizationId: id } = organizationJob.parse(payload);
    const given = signal === undefined ? {} : { signal };
    const inMs = await eraseOrganization({ db, keys, store, signer, log, ...given }, id);
    if (inMs !== null) await inOrganization(db, id, tx => enqueue(tx, 'erase-organization', {}, { inMs }));
  };
  const forget = async (payload: unknown) => {
    const { organizationId: id } = organizationJob.parse(payload);
    await inOrganization(db, id, async tx => {
      const inMs = await organizationDeletions.forget(tx, CONFIRM_MS);
      if (inMs !== null) await enqueue(tx, 'forget-organization', {}, { inMs });
    });
  };
  const runner = await startQueue({
    connectionString: config.DATABASE_DIRECT_URL ?? config.DATABASE_URL,
    taskList: {
      ...regionalTasks(db, config.NODE_REGION, {
        'render-stems': renderStems,
        'render-extra': renderOrdered,
        'erase-recording': erase,
        'erase-organization': eraseWhole,
        'tend-customer-key': tend,
      }),
      'apply-retention': payload =>
        applyRetention({ db, log }, organizationJob.parse(payload).organizationId),
      'rotate-keys': rotateKeys,
      'forget-organization': forget,
    },
    crontab: ROTATION_TIME,
    nameFile: `${scratch}.name`,
    atOnce: RENDERINGS_AT_ONCE,
    log,
    onDone,
  });
  onShutdown(() => runner.stop());

  const sealer = new Sealer(config.SEALING_KEY, config.SEALING_KEY_PREVIOUS);
  const exporter = await startQueue({
    connectionString: config.DATABASE_URL,
    taskList: regionalTasks(db, config.NODE_REGION, exportJobs({ db, store, keys, sealer, log })),
    nameFile: `${scratch}.exports.name`,
    atOnce: EXPORTS_AT_ONCE,
    log,
    onDone,
  });
  onShutdown(() => exporter.stop());

  const post = openPost(config, mailMetrics(metrics));
  onShutdown(() => post.close());
  const delivery = { db, sealer, allowPrivate: config.WEBHOOK_ALLOW_PRIVATE };
  const deliverer = await startQueue({
    connectionString: config.DATABASE_URL,
    taskList: {
      'deliver-webhook': (payload, { job, abortSignal }) =>
        deliverWebhook(delivery, payload, {
          isLast: job.attempts >= job.max_attempts,
          signal: abortSignal,
        }),
      'announce-notices': () => announceNotices({ db, log }),
      'purge-account': payload => purgeAccount({ db, log }, accountJob.parse(payload).accountId),
      'send-letter': (payload, { job }) => sendLetter({ db, post, log }, payload, job.id),
      ...billingJobs({ db, billing: billingConfig(config, { isTold: false }) }),
    },
    crontab: '*/5 * * * * announce-notices',
    nameFile: `${scratch}.deliveries.name`,
    atOnce: DELIVERIES_AT_ONCE,
    log,
    onDone,
  });
  onShutdown(() => deliverer.stop());
}
