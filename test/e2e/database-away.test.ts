import { execFile } from 'node:child_process';
import { access, cp, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { openDatabase, unscoped } from '@cratersync/db';
import { startDatabase } from '@cratersync/infra/database';
import { type Stack, startStack } from '@cratersync/infra/dev';
import { createLog, retry } from '@cratersync/infra/runtime';
import type { rest } from '@cratersync/signaling/protocol';
import { expect } from 'chai';
import type { Page } from 'puppeteer';
import { silences } from '../support/audio.ts';
import { PersonalBrowser, press, sees } from '../support/browser.ts';
import { hostSession, joinAsHost, openRecordingPage, timeRecorded } from '../support/people.ts';

const run = promisify(execFile);

/**
 * Five minutes, as an operator may take, differ from these fifteen seconds in one thing: notes on a room are given up
 * after one minute. None of them is needed for a recording's end, which is tried for ever, every 5 s at the latest.
 */
describe('a PostgreSQL that is away while a recording goes on and ends', function () {
  this.timeout(120_000);
  let folder: string;
  let dataDir: string;
  let database: Awaited<ReturnType<typeof startDatabase>>;
  let stack: Stack;
  let browser: PersonalBrowser;
  let page: Page;
  let recording: rest.RecordingDetail;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cratersync-database-'));
    dataDir = join(folder, 'data');
    database = await startDatabase(join(folder, 'database'));
    const env = { ...process.env, DATA_DIR: dataDir, PORT: '0', DATABASE_URL: database.ownerUrl };
    stack = await startStack({ env });
    browser = await PersonalBrowser.open({ toneHz: 660 });
  });
  after(async () => {
    await browser?.close();
    await stack?.stop();
    await database?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const cli = async (args: string[], env: NodeJS.ProcessEnv = {}) =>
    (await run('npx', ['cratersync', ...args], { env: { ...process.env, ...stack.env, ...env } })).stdout;

  it('costs nothing: it is recorded and stored all the same, and the catalogue catches up', async () => {
    page = await browser.page();
    await hostSession(page, stack.url, { email: 'rita@example.org', name: 'Rita', title: 'No database' });
    await joinAsHost(page);
    await press(page, 'Start recording');
    await timeRecorded(page, 2);
    await database.stop();
    await page.keyboard.press('b');
    await sees(page, 'Marked at');
    await timeRecorded(page, 14);
    await press(page, 'Stop recording');
    const recordings = join(dataDir, 'store', 'recordings');
    const [id = ''] = await readdir(recordings);
    const signal = AbortSignal.timeout(60_000);
    await retry(() => access(join(recordings, id, 'manifest')), { baseMs: 100, maxMs: 200, signal });
    database = await startDatabase(join(folder, 'database'));
    const found = await openRecordingPage(page);
    ({ recording } = found);
    expect(recording).to.include({ recordingId: id, state: 'complete' });
    expect(recording.durationMs).to.be.greaterThan(14_000);
    // What was marked meanwhile is written down by itself, some seconds after the database is back.
    await page.waitForFunction(
      async (path, name) => {
        const { markers } = await (await fetch(path)).json();
        return markers.length === 1 && markers[0].madeBy === name;
      },
      { polling: 200 },
      `/api/v1/recordings/${id}`,
      'Rita',
    );
    expect(silences(found.mic, 100).filter(({ startMs }) => startMs > 1000)).to.deep.equal([]);
    expect(await cli(['verify', id])).to.match(/holds/i);
  });

  it('may come back empty: `recover` rebuilds what it had from the headers of the chunks alone', async () => {
    const { recordingId } = recording;
    const bare = join(folder, 'bare');
    for (const part of ['store', 'keys', 'secrets'])
      await cp(join(dataDir, part), join(bare, part), { recursive: true });
    await rm(join(bare, 'store', 'recordings', recordingId, 'manifest'));
    const owner = openDatabase({ url: database.ownerUrl, log: createLog('test', 'silent') });
    await unscoped(owner, tx =>
      tx.change('TRUNCATE app.sessions, app.participants, app.recordings CASCADE', []),
    );
    await owner.close();
    const summary = JSON.parse(await cli(['recover', recordingId, '--json'], { DATA_DIR: bare }));
    expect(summary).to.deep.include({ recordingId, outcome: 'written', endUnknown: false, faults: [] });
    expect(Math.round(summary.durationMs)).to.equal(recording.durationMs);
    expect(summary.restored).to.include({ session: true, recording: true, completed: true });
    expect(await cli(['verify', recordingId], { DATA_DIR: bare })).to.match(/holds/i);
  });
});
