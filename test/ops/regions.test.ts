import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { migrateDatabase } from '@cratersync/infra/database';
import { type Region, rest } from '@cratersync/signaling/protocol';
import { generateIdentity, identityToRecipient } from 'age-encryption';
import { expect } from 'chai';
import pg from 'pg';
import type { Page } from 'puppeteer';
import { press, sees } from '../support/browser.ts';
import { freePort } from '../support/free-port.ts';
import { ask, askForCode, codeFor, enterCode, joinAsHost, timeRecorded } from '../support/people.ts';
import { useStack } from '../support/stack.ts';
import { until } from '../support/until.ts';

const root = join(import.meta.dirname, '../..');
const frenchPort = await freePort();

// One story, told in order: a Canadian stack, to which French nodes and a French worker with a store and keys of their own are added.
describe('regions', function () {
  this.timeout(150_000);
  const scene = useStack(() => ({
    NODE_REGION: 'ca',
    SEALING_KEY: 'a key that the workers of both regions have',
  }));
  const french: ChildProcess[] = [];
  const recorded: Partial<Record<Region, { organizationId: string; recordingId: string }>> = {};
  let frenchPage: Page;
  let database: pg.Client;

  before(async () => {
    database = new pg.Client({ connectionString: scene.stack.databaseUrl });
    database.on('error', () => {});
    await database.connect();
  });
  after(async () => {
    await database.end();
    for (const child of french) child.kill('SIGTERM');
    await Promise.all(french.map(child => child.exitCode ?? once(child, 'exit')));
  });

  const dataDirOf = (region: Region) =>
    region === 'ca' ? scene.stack.dataDir : join(scene.folder, 'france');

  /** A process of the French region. */
  async function startFrench(main: string, env: NodeJS.ProcessEnv): Promise<void> {
    const where = { NODE_REGION: 'fr', DATA_DIR: dataDirOf('fr') };
    const child = spawn(process.execPath, [join(root, main)], {
      env: { ...scene.stack.env, ...where, ...env },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    french.push(child);
    await once(child, 'message');
  }

  /** Somebody whose organization is of a region, on the page of a session. */
  async function hostIn(region: Region): Promise<Page> {
    const page = await scene.page();
    const email = `${region}@example.org`;
    await askForCode(page, scene.url, email);
    await enterCode(page, await codeFor(scene.url, email));
    await sees(page, 'Organization name');
    await ask(page, 'PATCH', '/me', { displayName: 'Ada', organizationName: 'Radio', region });
    const made = await ask(page, 'POST', '/sessions', { title: 'Episode 1' });
    const { sessionId } = rest.sessionSummary.parse(made);
    await page.goto(`${scene.url}/sessions/${sessionId}`);
    return page;
  }

  /** Records two seconds, and waits until they are stored. */
  async function record(page: Page, region: Region): Promise<void> {
    await press(page, 'Start recording');
    await timeRecorded(page, 2);
    await press(page, 'Stop recording');
    recorded[region] = await until(async () => {
      const { rows } = await database.query(
        `SELECT r.organization_id AS "organizationId", r.recording_id AS "recordingId" FROM app.recordings r
         JOIN app.organizations o USING (organization_id) WHERE o.region = $1 AND r.state = 'complete'`,
        [region],
      );
      return rows[0] ?? null;
    });
  }

  it('lets nobody in where no node of their region is, rather than go elsewhere', async () => {
    frenchPage = await hostIn('fr');
    await press(frenchPage, 'Enter the studio', 'link');
    await press(frenchPage, 'Join');
    await sees(frenchPage, 'No media server of the region fr is reachable right now');
  });

  it('records a Canadian and a French organization, each with its own region’s nodes', async () => {
    const { stdout } = await promisify(execFile)(join(root, 'infra/mediasoup-worker/ensure.sh'));
    for (const main of ['sfu/main.ts', 'recorder/main.ts'])
      await startFrench(main, { MEDIASOUP_WORKER_BIN: stdout.trim(), NODE_ID: `fr-${main.split('/')[0]}` });
    const canadianPage = await hostIn('ca');
    await joinAsHost(canadianPage);
    await record(canadianPage, 'ca');
    await frenchPage.goBack();
    await joinAsHost(frenchPage);
    await record(frenchPage, 'fr');
  });

  /** What of a region's recording lies in a region. */
  async function filesOf(own: Region, region: Region): Promise<string[]> {
    const ids = Object.values(recorded[own] ?? {});
    expect(ids).to.have.length(2);
    const found: string[] = [];
    for (const folder of ['store', 'keys', 'recorder', 'scratch']) {
      const path = join(dataDirOf(region), folder);
      const entries = await readdir(path, { recursive: true, withFileTypes: true }).catch(() => []);
      for (const entry of entries) {
        if (!entry.isFile()) continue;
        const name = join(entry.parentPath, entry.name);
        // What is being written may be gone by now.
        const bytes = await readFile(name).catch(() => Buffer.alloc(0));
        const isOf = (id: string) =>
          name.includes(id) ||
          bytes.includes(id) ||
          bytes.includes(Buffer.from(id.replaceAll('-', ''), 'hex'));
        if (ids.some(isOf)) found.push(name.slice(dataDirOf(region).length + 1));
      }
    }
    return found;
  }

  const jobs = async () => {
    const { rows } = await database.query(
      `SELECT t.identifier FROM graphile_worker._private_jobs j JOIN graphile_worker._private_tasks t ON t.id = j.task_id
       WHERE j.payload ->> 'recordingId' = ANY ($1)`,
      [[recorded.ca?.recordingId, recorded.fr?.recordingId]],
    );
    return rows.map(({ identifier }) => identifier);
  };

  it('has nothing of one region in the other’s store, keys or journal', async () => {
    for (const [here, there] of [
      ['ca', 'fr'],
      ['fr', 'ca'],
    ] as const) {
      expect(await filesOf(here, there), `of ${here} in ${there}`).to.deep.equal([]);
      const ownFiles = (await filesOf(here, here)).map(name => name.split('/')[0]);
      expect(ownFiles).to.include.members(['store', 'keys']);
    }
  });

  it('leaves what is to be rendered to its region’s worker', async () => {
    // The Canadian one renders the Canadian recording, and does not touch the French one, which was there before.
    await until(async () => !(await jobs()).some(name => name.endsWith(':ca')), 60_000);
    expect(await jobs()).to.deep.equal(['render-stems:fr']);
  });

  it('has a French recording rendered, exported and erased by the French worker alone', async () => {
    const { recordingId = '' } = recorded.fr ?? {};
    await noteTakers();
    const { workerUrl } = await migrateDatabase(scene.stack.dataDir, scene.stack.databaseUrl);
    const env = { DATABASE_URL: workerUrl, WORKER_PORT: `${frenchPort}`, SMTP_HOST: '127.0.0.1' };
    await startFrench('recorder/worker.ts', env);
    await until(async () => (await jobs()).length === 0, 60_000);
    const detail = rest.recordingDetail.parse(await ask(frenchPage, 'GET', `/recordings/${recordingId}`));
    expect(detail.stems.map(({ state }) => state)).to.deep.equal(['ready', 'ready']);

    const recipient = await identityToRecipient(await generateIdentity());
    const order = { what: 'recordings', recipient };
    const { exportId } = rest.exportState.parse(
      await ask(frenchPage, 'POST', '/organization/exports', order),
    );
    const { bytes } = await until(async () => {
      const listed = rest.exportList.parse(await ask(frenchPage, 'GET', '/organization/exports'));
      return listed.exports.find(({ state }) => state === 'ready') ?? null;
    });
    const taken = await fetch(
      `http://127.0.0.1:${frenchPort}/organizations/${recorded.fr?.organizationId}/exports/${exportId}`,
      { headers: { authorization: `Bearer ${scene.stack.env['NODE_SECRET']}` } },
    );
    expect((await taken.arrayBuffer()).byteLength)
      .to.equal(bytes)
      .and.greaterThan(10_000);
    expect(await filesOf('fr', 'ca')).to.deep.equal([]);

    await ask(frenchPage, 'DELETE', `/recordings/${recordingId}`);
    // Its day is over, and the clock has said so for long enough.
    await database.query('UPDATE app.deletions SET started_at = now() WHERE recording_id = $1', [
      recordingId,
    ]);
    await database.query(
      `UPDATE graphile_worker._private_jobs SET run_at = now() WHERE payload ->> 'recordingId' = $1`,
      [recordingId],
    );
    await until(async () => {
      const sql = 'SELECT FROM app.deletions WHERE recording_id = $1 AND finished_at IS NOT NULL';
      return (await database.query(sql, [recordingId])).rowCount === 1;
    });
    const left = (await filesOf('fr', 'fr')).filter(name => name.includes(recordingId));
    expect(left.filter(name => !name.startsWith('recorder/'))).to.deep.equal([]);
    expect(await filesOf('fr', 'ca')).to.deep.equal([]);
    const { rows } = await database.query(
      `SELECT DISTINCT task, taker FROM takers WHERE task LIKE '%:fr' ORDER BY 1`,
    );
    expect(rows.map(({ task }) => task)).to.deep.equal([
      'erase-recording:fr',
      'render-stems:fr',
      'write-export:fr',
    ]);
    const frenchNames = await Promise.all(
      ['name', 'exports.name'].map(each =>
        readFile(join(dataDirOf('fr'), 'scratch', `${frenchPort}.${each}`), 'utf8'),
      ),
    );
    for (const { task, taker } of rows) expect(frenchNames, task).to.include(taker);
  });

  /** From now on, which worker takes which job is written down. */
  const noteTakers = () =>
    database.query(`
      CREATE TABLE public.takers (task text, taker text);
      CREATE FUNCTION public.note_taker() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
        BEGIN
          INSERT INTO public.takers SELECT identifier, NEW.locked_by FROM graphile_worker._private_tasks WHERE id = NEW.task_id;
          RETURN NULL;
        END $$;
      CREATE TRIGGER note_taker AFTER UPDATE OF locked_by ON graphile_worker._private_jobs
        FOR EACH ROW WHEN (NEW.locked_by IS NOT NULL) EXECUTE FUNCTION public.note_taker();`);
});
