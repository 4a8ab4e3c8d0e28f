import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Region, rest } from '@cratersync/signaling/protocol';
import { expect } from 'chai';
import pg from 'pg';
import type { Page } from 'puppeteer';
import { press, sees } from '../support/browser.ts';
import { ask, askForCode, codeFor, enterCode, joinAsHost, timeRecorded } from '../support/people.ts';
import { useStack } from '../support/stack.ts';
import { until } from '../support/until.ts';

const root = join(import.meta.dirname, '../..');

// One story, told in order: a Canadian stack, to which French nodes with a store and keys of their own are added.
describe('regions', function () {
  this.timeout(150_000);
  const scene = useStack(() => ({ NODE_REGION: 'ca' }));
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
    const DATA_DIR = dataDirOf('fr');
    for (const main of ['sfu/main.ts', 'recorder/main.ts']) {
      const node = { NODE_ID: `fr-${main.split('/')[0]}`, NODE_REGION: 'fr', DATA_DIR };
      const child = spawn(process.execPath, [join(root, main)], {
        env: { ...scene.stack.env, MEDIASOUP_WORKER_BIN: stdout.trim(), ...node },
        stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      });
      french.push(child);
      await once(child, 'message');
    }
    const canadianPage = await hostIn('ca');
    await joinAsHost(canadianPage);
    await record(canadianPage, 'ca');
    await frenchPage.goBack();
    await joinAsHost(frenchPage);
    await record(frenchPage, 'fr');
  });

  it('has nothing of one region in the other’s store, keys or journal', async () => {
    for (const [here, there] of [
      ['ca', 'fr'],
      ['fr', 'ca'],
    ] as const) {
      const own = recorded[here];
      if (own === undefined) throw new Error('nothing was recorded');
      const at = async (region: Region) => {
        const found: string[] = [];
        for (const folder of ['store', 'keys', 'recorder']) {
          const path = join(dataDirOf(region), folder);
          for (const entry of await readdir(path, { recursive: true, withFileTypes: true })) {
            if (!entry.isFile()) continue;
            const name = join(entry.parentPath, entry.name);
            // What is being written may be gone by now.
            const bytes = await readFile(name).catch(() => Buffer.alloc(0));
            const isOf = (id: string) =>
              name.includes(id) ||
              bytes.includes(id) ||
              bytes.includes(Buffer.from(id.replaceAll('-', ''), 'hex'));
            if (isOf(own.organizationId) || isOf(own.recordingId)) found.push(`${folder}/${entry.name}`);
          }
        }
        return found;
      };
      expect(await at(there), `of ${here} in ${there}`).to.deep.equal([]);
      const ownFiles = (await at(here)).map(name => name.split('/')[0]);
      expect(ownFiles).to.include.members(['store', 'keys']);
    }
  });

  it('leaves what is to be rendered to its region’s worker', async () => {
    const jobs = async () => {
      const { rows } = await database.query(
        `SELECT t.identifier FROM graphile_worker._private_jobs j JOIN graphile_worker._private_tasks t ON t.id = j.task_id
         WHERE j.payload ->> 'recordingId' = ANY ($1)`,
        [[recorded.ca?.recordingId, recorded.fr?.recordingId]],
      );
      return rows.map(({ identifier }) => identifier);
    };
    // The Canadian one renders the Canadian recording, and does not touch the French one, which was there before.
    await until(async () => !(await jobs()).some(name => name.endsWith(':ca')), 60_000);
    expect(await jobs()).to.deep.equal(['render-stems:fr']);
  });
});
