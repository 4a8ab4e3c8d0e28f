import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openExport } from '@cratersync/recorder/exports/open';
import { expect } from 'chai';
import type { Page } from 'puppeteer';
import { fill, named, press, sees } from '../support/browser.ts';
import { hostSession, mailed } from '../support/people.ts';
import { useStack } from '../support/stack.ts';

const passphrase = 'seven words that only Rita knows';

// One story, told in order: each step stands on the one before.
describe('an export, in the browser', function () {
  this.timeout(120_000);
  const scene = useStack();
  let rita: Page;
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cratersync-exported-'));
    rita = await scene.page();
    await hostSession(rita, scene.url, { email: 'rita@example.org', name: 'Rita', title: 'Moon talk' });
  });
  after(() => rm(folder, { recursive: true }));

  /** Orders one by the form that is shown, and has the file. */
  async function fetched(name: string): Promise<string> {
    await fill(rita, 'Passphrase', passphrase);
    await fill(rita, 'Passphrase, once more', passphrase);
    await press(rita, 'Order the export');
    await rita.waitForSelector('a[href*="/exports/"][download]', { timeout: 60_000 });
    const base64 = await rita.$eval('a[href*="/exports/"][download]', async link => {
      const bytes = new Uint8Array(await (await fetch((link as HTMLAnchorElement).href)).arrayBuffer());
      return btoa(Array.from(bytes, byte => String.fromCharCode(byte)).join(''));
    });
    const path = join(folder, `${name}.tar.age`);
    await writeFile(path, Buffer.from(base64, 'base64'));
    const { folder: opened } = await openExport(path, { passphrase }, { to: join(folder, name) });
    return opened;
  }

  it('is ordered by an owner, told of by mail, downloaded, and opens', async () => {
    await rita.goto(scene.url);
    await press(rita, 'Rita’s studio', 'link');
    await press(rita, 'Export', 'link');
    await rita.locator(named('heading', 'Export')).wait();
    const names = await readdir(await fetched('organization'), { recursive: true });
    expect(names).to.include.members(['organization.json', 'manifest.json', 'audit/000001.jsonl']);
    expect(names.filter(name => name.startsWith('sessions/'))).to.have.length(1);
    const inMail = ({ text }: { text: string }) => /\S+\/organization\/export\b/.exec(text)?.[0];
    expect(await mailed(scene.url, 'rita@example.org', inMail)).to.equal(`${scene.url}/organization/export`);
  });

  it('of oneself is ordered on one’s account', async () => {
    await press(rita, 'Rita', 'link');
    await sees(rita, 'Your own data');
    expect(await readdir(await fetched('own'))).to.include.members(['account.json', 'audit']);
    expect(scene.faults).to.deep.equal([]);
  });
});
