import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startDatabase } from '@cratersync/infra/database';
import { type Stack, startStack } from '@cratersync/infra/dev';
import { expect } from 'chai';
import pg from 'pg';
import { ApiClient } from '../support/api.ts';
import { PersonalBrowser, press } from '../support/browser.ts';
import { hostSession, joinAsHost, openRecordingPage, timeRecorded } from '../support/people.ts';
import { PgBouncer } from '../support/pgbouncer.ts';

describe('behind PgBouncer in transaction mode', function () {
  this.timeout(180_000);
  let folder: string;
  let database: Awaited<ReturnType<typeof startDatabase>>;
  let pooler: PgBouncer;
  let stack: Stack;
  let browser: PersonalBrowser;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cratersync-pooled-'));
    database = await startDatabase(join(folder, 'database'));
    // So few that our processes' own connections never stay on one of them.
    pooler = await PgBouncer.start(database.ownerUrl, { serverConnections: 2 });
    stack = await start();
    browser = await PersonalBrowser.open({ toneHz: 440 });
  });
  after(async () => {
    await browser?.close();
    await stack?.stop();
    await pooler?.close();
    await database?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const start = () =>
    startStack({
      env: {
        ...process.env,
        DATA_DIR: join(folder, 'data'),
        PORT: '0',
        DATABASE_URL: pooler.through(database.ownerUrl),
        DATABASE_DIRECT_URL: database.ownerUrl,
      },
    });

  it('somebody signs in, creates a session, records, and the worker renders it', async () => {
    const page = await browser.page();
    await hostSession(page, stack.url, { email: 'rita@example.org', name: 'Rita', title: 'Pooled' });
    await joinAsHost(page);
    await press(page, 'Start recording');
    await timeRecorded(page, 2);
    await press(page, 'Stop recording');
    const { recording, mic } = await openRecordingPage(page);
    expect(recording.state).to.equal('complete');
    expect(mic.length).to.be.greaterThan(48_000);
    const owner = new pg.Client({ connectionString: database.ownerUrl });
    await owner.connect();
    const { rows } = await owner.query(
      `SELECT count(*)::int AS connections FROM pg_stat_activity WHERE usename = 'cratersync_app'`,
    );
    await owner.end();
    expect(rows[0].connections, 'of signaling, all of them shared').to.be.within(1, 2);
  });

  it('the stack starts again, with the passwords it then sets', async () => {
    await stack.stop();
    stack = await start();
    const client = await ApiClient.signedIn(stack.url, 'ada@example.org', 'Ada');
    expect((await client.session('Again')).sessionId).to.be.a('string');
  });
});
