import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { openDatabase } from '@cratersync/db';
import { migrateDatabase, startDatabase } from '@cratersync/infra/database';
import { createLog } from '@cratersync/infra/runtime';
import { openKeys } from '@cratersync/recorder/keys';
import { organizationId, recordingId, sessionId } from '@cratersync/signaling/protocol';
import { type Figures, median } from './figures.ts';
import { rssMbOf } from './usage.ts';

const COUNT = Number(process.env['BENCH_KEYS'] ?? 10_000);
const AT_ONCE = 8;
const SAMPLE_MS = 100;
const cli = resolve(import.meta.dirname, '..', '..', 'infra', 'cli', 'cratersync.js');
const ids = {
  organizationId: organizationId.parse(randomUUID()),
  sessionId: sessionId.parse(randomUUID()),
};

/** The key of one organization with many recordings is rotated, beside plain files that are replaced in the same way. */
export async function measureRewrapping(figures: Figures): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'cratersync-lifecycle-'));
  const server = await startDatabase(folder);
  try {
    const { appUrl } = await migrateDatabase(folder, server.ownerUrl);
    const recordings = await makeKeys(folder, server.ownerUrl);
    const plain = join(folder, 'plain');
    await makePlain(plain, recordings);
    // Before and after ours: what else the machine does costs both alike.
    const before = await replacePlain(plain, recordings);
    const ours = await rotate(folder, appUrl);
    const after = await replacePlain(plain, recordings);
    const said = `${COUNT} session keys, KEY_PROVIDER=local`;
    figures.set(
      'rewrap_keys_per_s',
      COUNT / ours.seconds,
      `cratersync keys rotate organization, from start to end; ${said}`,
    );
    figures.set(
      'rewrap_ratio',
      ours.seconds / ((before + after) / 2),
      `its time by that of as many files that are read, written anew, synced and renamed, ${AT_ONCE} at once too`,
    );
    figures.set('rewrap_rss_mb', median(ours.rssMb.slice(-10)), 'of the command, at its end');
    const middle = Math.floor(ours.rssMb.length / 2);
    figures.set(
      'rewrap_rss_growth_mb',
      median(ours.rssMb.slice(-10)) - median(ours.rssMb.slice(middle - 5, middle + 5)),
      'from the middle of it to its end: what 5,000 keys more take',
    );
  } finally {
    await server.stop();
    await rm(folder, { recursive: true });
  }
}

async function makeKeys(folder: string, ownerUrl: string): Promise<string[]> {
  const database = openDatabase({ url: ownerUrl, log: createLog('bench', 'silent') });
  const { rows } = await database.pool.query(
    `WITH account AS (INSERT INTO app.accounts (email) VALUES ('rita@example.org') RETURNING account_id),
       organization AS (INSERT INTO app.organizations (organization_id, name, region) VALUES ($1, 'Moon Radio', 'ca')),
       session AS (INSERT INTO app.sessions (organization_id, session_id, title, created_by)
         SELECT $1, $2, 'Moon talk', account_id FROM account)
     INSERT INTO app.recordings (organization_id, recording_id, session_id, started_at)
       SELECT $1, gen_random_uuid(), $2, now() FROM generate_series(1, $3) RETURNING recording_id AS id`,
    [ids.organizationId, ids.sessionId, COUNT],
  );
  await database.close();
  const recordings = rows.map(({ id }) => String(id));
  const keys = await openKeys({ DATA_DIR: folder });
  await inLanes(recordings, async id => void (await keys.createSessionKey(ids, recordingId.parse(id))));
  return recordings;
}

async function makePlain(folder: string, names: string[]): Promise<void> {
  await inLanes(names, async name => {
    await mkdir(join(folder, name), { recursive: true });
    await writeFile(join(folder, name, 'file'), Buffer.alloc(66, 1));
  });
}

/** @returns in how many seconds */
async function replacePlain(folder: string, names: string[]): Promise<number> {
  const beganMs = performance.now();
  await inLanes(names, async name => {
    const [path, copy] = [join(folder, name, 'file'), join(folder, name, 'copy')];
    const bytes = await readFile(path);
    await using file = await open(copy, 'wx');
    await file.writeFile(bytes);
    await file.sync();
    await rename(copy, path);
    await using directory = await open(join(folder, name));
    await directory.sync();
  });
  return (performance.now() - beganMs) / 1000;
}

async function rotate(folder: string, databaseUrl: string): Promise<{ seconds: number; rssMb: number[] }> {
  const beganMs = performance.now();
  const args = [cli, 'keys', 'rotate', 'organization', ids.organizationId, '--json'];
  const env = { PATH: process.env['PATH'], DATA_DIR: folder, DATABASE_URL: databaseUrl };
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const rssMb: number[] = [];
  const sampling = setInterval(() => rssMb.push(rssMbOf(child.pid ?? 0)), SAMPLE_MS);
  child.once('exit', () => clearInterval(sampling));
  const [said] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  const [rotated] = JSON.parse(said);
  if (rotated.rewrapped !== COUNT || rotated.needingOlder !== 0)
    throw new Error(`not all were locked anew: ${said}`);
  return { seconds: (performance.now() - beganMs) / 1000, rssMb: rssMb.filter(mb => mb > 0) };
}

async function inLanes(items: readonly string[], work: (item: string) => Promise<void>): Promise<void> {
  const waiting = items.values();
  const lane = async () => {
    for (const item of waiting) await work(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
}
