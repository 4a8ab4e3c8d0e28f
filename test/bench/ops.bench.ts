// What watching costs: a log line and metrics a request, a scrape with many organizations; how soon a process is back; and how
// soon a sign-in code leaves.
import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startStack } from '@cratersync/infra/dev';
import { Metrics, OrganizationLabels } from '@cratersync/infra/runtime';
import { identified, operations, requestLog } from '@cratersync/signaling/testing';
import express from 'express';
import { pino } from 'pino';
import { load } from './api-load.ts';
import { bench, type Figures, median } from './figures.ts';
import { measureMail } from './ops-mail.ts';

const ROUNDS = 5;
const WARM_UP = 5000;
const REQUESTS = 15_000;
const ORGANIZATIONS = 500;

await bench('ops', 8 * 60_000, async figures => {
  const folder = await mkdtemp(join(tmpdir(), 'cratersync-ops-'));
  try {
    await measureRequests(figures, join(folder, 'requests.log'));
    await measureScrape(figures);
    await measureRestarts(figures, join(folder, 'data'));
    await measureMail(figures, join(folder, 'mail'));
  } finally {
    await rm(folder, { recursive: true });
  }
});

/** In turns, and by processor time, so that what else the machine does counts for little. */
async function measureRequests(figures: Figures, file: string): Promise<void> {
  const us = { on: [] as number[], off: [] as number[] };
  for (let round = 0; round < ROUNDS; round += 1)
    for (const watched of ['off', 'on'] as const) us[watched].push(await cpuUsOfRequest(watched, file));
  const [on, off] = [median(us.on), median(us.off)];
  figures.set('request_bare_cpu_us', off, 'processor time of a request to bare Express');
  figures.set('request_watched_cpu_us', on, 'the same with a line in the log and its metrics');
  figures.set('request_watched_ratio', on / off, 'by that without');
}

async function cpuUsOfRequest(watched: 'on' | 'off', file: string): Promise<number> {
  const program = fileURLToPath(new URL('./watched-express.ts', import.meta.url));
  const child = fork(program, [watched, file], { execArgv: ['--disable-warning=ExperimentalWarning'] });
  const cpuUs = async () => {
    child.send('cpu?');
    const [{ user, system }] = (await once(child, 'message')) as [NodeJS.CpuUsage];
    return user + system;
  };
  try {
    const [port] = await once(child, 'message');
    const url = `http://127.0.0.1:${port}/`;
    await load(url, { method: 'GET' }, { amount: WARM_UP });
    const before = await cpuUs();
    await load(url, { method: 'GET' }, { amount: REQUESTS });
    return ((await cpuUs()) - before) / REQUESTS;
  } finally {
    child.disconnect();
    await once(child, 'exit');
  }
}

/** Every route was asked for, and answered in three ways; people of 500 organizations are in rooms. */
async function measureScrape(figures: Figures): Promise<void> {
  const metrics = new Metrics();
  const labels = new OrganizationLabels('a key that is long enough for a benchmark');
  const people = new Map(
    Array.from({ length: ORGANIZATIONS }, (_, index) => [randomUUID(), 1 + (index % 9)]),
  );
  metrics.gauge({ name: 'cratersync_organization_people', help: 'People.', labels: ['organization'] }, () =>
    labels.samples(people),
  );
  const app = express();
  app.use(identified, requestLog({ log: pino({ level: 'silent' }), metrics }));
  app.use((request, response) => void response.status(Number(request.query['status'])).end());
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  for (const route of Object.keys(operations)) {
    const [method = '', path = ''] = route.split(' ');
    for (const status of [200, 404, 503])
      await fetch(`http://127.0.0.1:${port}/api/v1${path}?status=${status}`, { method });
  }
  server.close();
  const tookMs: number[] = [];
  let text = '';
  for (let round = 0; round < 20; round += 1) {
    const startMs = performance.now();
    text = await metrics.registry.metrics();
    tookMs.push(performance.now() - startMs);
  }
  const series = text.split('\n').filter(line => line !== '' && !line.startsWith('#'));
  figures.set(
    'scrape_ms',
    median(tookMs),
    'a scrape of signaling: every route in use, 500 organizations with people in rooms',
  );
  figures.set('scrape_series', series.length, 'series in it');
  const ofOrganizations = series.filter(line => line.startsWith('cratersync_organization_'));
  figures.set(
    'scrape_organization_series',
    ofOrganizations.length,
    'of these, one for each of the 20 largest, and one for all others',
  );
}

async function measureRestarts(figures: Figures, dataDir: string): Promise<void> {
  const stack = await startStack({ env: { ...process.env, LOG_LEVEL: 'warn' }, dataDir, port: 0 });
  try {
    for (const name of ['signaling', 'sfu', 'recorder', 'worker']) {
      const startMs = performance.now();
      await stack.restart(name);
      figures.set(`restart_${name}_ms`, performance.now() - startMs, 'from SIGTERM until it is ready again');
    }
  } finally {
    await stack.stop();
  }
}
