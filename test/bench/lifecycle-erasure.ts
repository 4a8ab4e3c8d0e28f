import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm, rmdir, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '@cratersync/db';
import { startStack } from '@cratersync/infra/dev';
import { createLog } from '@cratersync/infra/runtime';
import { eraseNow } from '@cratersync/recorder/testing';
import { type AccountId, type OrganizationId, organizationId } from '@cratersync/signaling/protocol';
import pg from 'pg';
import type { Figures } from './figures.ts';

const RECORDINGS = Number(process.env['ERASE_RECORDINGS'] ?? 10_000);
/** As small files, so that it is their number that counts: two objects and a key. */
const files = ['manifest', 'tracks/track/00000001-00000000'];
const bytes = Buffer.alloc(200, 1);

/** Erases an organization with many recordings, and deletes as many files and rows plainly. */
export async function measureErasure(figures: Figures): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'cratersync-lifecycle-'));
  const stack = await startStack({
    env: { ...process.env, LOG_LEVEL: 'warn' },
    dataDir: join(folder, 'data'),
    port: 0,
  });
  const owner = new pg.Client(stack.databaseUrl);
  await owner.connect();
  const url = new URL(stack.databaseUrl);
  url.searchParams.set('options', '-c role=cratersync_worker');
  const db = openDatabase({ url: url.href, log: createLog('bench', 'warn') });
  try {
    const dataDir = join(folder, 'organization');
    const id = await furnish(owner, dataDir);
    const requestedBy = await someone(owner);
    await owner.query(
      `INSERT INTO app.organization_deletions (organization_id, requested_by, erase_after) VALUES ($1, $2, now())`,
      [id, requestedBy],
    );
    await owner.query(
      `UPDATE app.organizations SET state = 'deletion_scheduled' WHERE organization_id = $1`,
      [id],
    );
    const memory = watchMemory();
    const tookMs = await timed(() => eraseNow(db, id, dataDir));
    const { startMb, peakMb } = memory.stop();
    const peerMs = await plainly(owner, join(folder, 'plain'));
    figures.set(
      'erase_recordings_per_s',
      (RECORDINGS / tookMs) * 1000,
      `of an organization with ${RECORDINGS}`,
    );
    figures.set('erase_rss_start_mb', startMb, 'memory before');
    figures.set('erase_rss_peak_mb', peakMb, 'and at most, while it erased');
    figures.set(
      'plain_recordings_per_s',
      (RECORDINGS / peerMs) * 1000,
      'the same files unlinked, and rows deleted, one by one',
    );
    figures.set(
      'erase_to_plain',
      tookMs / peerMs,
      'how much longer the erasure takes: counted, synced, overwritten, looked for',
    );
  } finally {
    await db.close();
    await owner.end();
    await stack.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function someone(owner: pg.Client): Promise<AccountId> {
  const { rows } = await owner.query(
    `INSERT INTO app.accounts (email) VALUES ('bench@example.org') RETURNING account_id AS "accountId"`,
  );
  return rows[0].accountId;
}

async function furnish(owner: pg.Client, dataDir: string): Promise<OrganizationId> {
  const id = organizationId.parse(randomUUID());
  await owner.query(
    `INSERT INTO app.organizations (organization_id, name, region) VALUES ($1, 'Bench', 'ca')`,
    [id],
  );
  const { rows: made } = await owner.query(
    `INSERT INTO app.accounts (email) VALUES ('maker@example.org') RETURNING account_id AS "by"`,
  );
  const { rows: sessions } = await owner.query(
    `INSERT INTO app.sessions (organization_id, title, created_by) VALUES ($1, 'S', $2) RETURNING session_id AS "id"`,
    [id, made[0].by],
  );
  const { rows } = await owner.query(
    `INSERT INTO app.recordings (organization_id, recording_id, session_id, state, started_at)
     SELECT $1, gen_random_uuid(), $2, 'incomplete', now() FROM generate_series(1, $3) RETURNING recording_id AS "id"`,
    [id, sessions[0].id, RECORDINGS],
  );
  for (const { id: recordingId } of rows) {
    await furnishOne(join(dataDir, 'store', 'recordings', recordingId));
    const keys = join(dataDir, 'keys', 'recordings', recordingId);
    await mkdir(keys, { recursive: true });
    await writeFile(join(keys, id), bytes);
  }
  return id;
}

async function furnishOne(folder: string): Promise<void> {
  await mkdir(join(folder, 'tracks', 'track'), { recursive: true });
  for (const file of files) await writeFile(join(folder, file), bytes);
}

/** The peer: nothing counted, synced, overwritten or looked for. */
async function plainly(owner: pg.Client, folder: string): Promise<number> {
  await owner.query('CREATE TABLE public.plain AS SELECT generate_series(1, $1::int) AS id', [RECORDINGS]);
  await owner.query('ALTER TABLE public.plain ADD PRIMARY KEY (id)');
  for (let id = 1; id <= RECORDINGS; id += 1) {
    await furnishOne(join(folder, String(id)));
    await writeFile(join(folder, String(id), 'key'), bytes);
  }
  return timed(async () => {
    for (let id = 1; id <= RECORDINGS; id += 1) {
      for (const file of [...files, 'key']) await unlink(join(folder, String(id), file));
      for (const directory of ['tracks/track', 'tracks', '.'])
        await rmdir(join(folder, String(id), directory)).catch(() => {});
      await owner.query('DELETE FROM public.plain WHERE id = $1', [id]);
    }
  });
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startMs = performance.now();
  await work();
  return performance.now() - startMs;
}

function watchMemory() {
  const rssMb = () => process.memoryUsage().rss / 2 ** 20;
  const startMb = rssMb();
  let peakMb = startMb;
  const timer = setInterval(() => {
    peakMb = Math.max(peakMb, rssMb());
  }, 100);
  return {
    stop: () => {
      clearInterval(timer);
      return { startMb, peakMb };
    },
  };
}
