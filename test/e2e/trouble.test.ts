import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Stack, startStack } from '@cratersync/infra/dev';
import { expect } from 'chai';
import type { Page } from 'puppeteer';
import { ApiClient } from '../support/api.ts';
import { type BrowserOptions, fill, named, PersonalBrowser, press, sees } from '../support/browser.ts';
import {
  hostSession,
  invite,
  joinAsGuest,
  joinAsHost,
  receivesFrom,
  timeRecorded,
} from '../support/people.ts';

/** What people see when something is missing, refused or breaks; and that it mends itself where it can. */
describe('trouble, as people meet it', function () {
  this.timeout(120_000);
  let folder: string;
  let dataDir: string;
  let stack: Stack;
  let host: Page;
  let link: string;
  const browsers: PersonalBrowser[] = [];

  const browse = async (options: BrowserOptions = {}) => {
    const browser = await PersonalBrowser.open(options);
    browsers.push(browser);
    return browser;
  };

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cratersync-trouble-'));
    dataDir = join(folder, 'data');
    stack = await startStack({ env: { ...process.env, DATA_DIR: dataDir, PORT: '0' } });
    host = await (await browse()).page();
    await hostSession(host, stack.url, { email: 'rita@example.org', name: 'Rita', title: 'Moon talk' });
    link = await invite(host);
    await joinAsHost(host);
  });

  after(async () => {
    await Promise.all(browsers.map(browser => browser.close()));
    await stack?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('a wrong code says how many tries are left', async () => {
    const page = await (await browse()).page();
    await page.goto(stack.url);
    await fill(page, 'Mail address', 'somebody@example.org');
    await press(page, 'Send me a code');
    await page.locator(named('textbox', 'Code')).wait();
    await fill(page, 'Code', '000000');
    await press(page, 'Sign in');
    await sees(page, /That code is not right.*4 tries are left/);
  });

  it('a link that does not work says so, whatever is wrong with it', async () => {
    const page = await (await browse()).page();
    for (const bad of [
      `${stack.url}/join`,
      `${stack.url}/join#nonsense`,
      `${stack.url}/join#${'A'.repeat(22)}`,
    ]) {
      await page.goto('about:blank');
      await page.goto(bad);
      await sees(page, 'This link does not work');
    }
  });

  it('somebody whose browser refuses camera and microphone joins to listen', async () => {
    const page = await (await browse({ allowsDevices: false })).page();
    await page.goto(link);
    await fill(page, 'Your name', 'Quiet');
    await sees(page, 'not allowed');
    await sees(page, 'You join to listen only');
    await press(page, 'Join');
    await receivesFrom(page, 1);
    await sees(host, 'Quiet');
    await press(page, 'Leave');
  });

  it('somebody without camera and microphone joins to listen', async () => {
    const page = await (await browse({ hasDevices: false })).page();
    await page.goto(link);
    await fill(page, 'Your name', 'Deviceless');
    await sees(page, 'found');
    await press(page, 'Join');
    await receivesFrom(page, 1);
    await press(page, 'Leave');
  });

  it('a second tab takes the seat over, and the first says where it went', async () => {
    const browser = await browse();
    const first = await browser.page();
    await joinAsGuest(first, link, 'Tabby');
    const second = await browser.page();
    await second.goto(link);
    await sees(second, 'You join with sound and picture.');
    await press(second, 'Join');
    await receivesFrom(second, 1);
    await first.bringToFront();
    await sees(first, 'You joined from another tab or device');
    await press(first, 'Join here again');
    await receivesFrom(first, 1);
    await press(first, 'Leave');
  });

  it('the red light stays off while the store cannot be written, and the host is told why', async () => {
    await host.bringToFront();
    const store = join(dataDir, 'store');
    await rename(store, `${store}.away`);
    await writeFile(store, 'in the way');
    await press(host, 'Start recording');
    await sees(host, /The recording was not started: .*stor/i);
    expect(await host.$('[data-testid="recording-time"]')).to.equal(null);
    await rm(store);
    await rename(`${store}.away`, store);
    await press(host, 'Start recording');
    await host.locator('[data-testid="recording-time"]').wait();
  });

  it('a recording goes on while signaling is killed and comes back, and everybody is back by themselves', async () => {
    const guest = await (await browse({ toneHz: 660 })).page();
    await joinAsGuest(guest, link, 'Ada');
    await receivesFrom(host, 1);
    await stack.kill('signaling');
    await stack.whenReady('signaling');
    for (const page of [host, guest]) {
      await page.bringToFront();
      await page.waitForFunction(() => !/Reconnecting|Restoring/.test(document.body.innerText));
      await receivesFrom(page, 1);
      await page.locator('[data-testid="recording-time"]').wait();
    }
  });

  it('everybody is back on a new media server when theirs is killed, and the recording goes on', async () => {
    const guest = browsers.at(-1);
    const [page] = (await guest?.browser.pages())?.slice(-1) ?? [];
    await stack.kill('sfu');
    await stack.whenReady('sfu');
    for (const each of [host, page]) {
      if (each === undefined) throw new Error('the guest has no page');
      await each.bringToFront();
      await receivesFrom(each, 1);
      await each.locator('[data-testid="recording-time"]').wait();
    }
  });

  it('a recording in progress is finalized when everything is stopped, and there after the next start', async () => {
    await timeRecorded(host, 6);
    await stack.stop();
    stack = await startStack({ env: { ...process.env, DATA_DIR: dataDir, PORT: '0' } });
    const api = await ApiClient.signedIn(stack.url, 'rita@example.org', 'Rita');
    const { sessions } = (await api.call('GET', '/sessions')) as { sessions: { sessionId: string }[] };
    const { recordings } = (await api.call('GET', `/sessions/${sessions[0]?.sessionId}`)) as {
      recordings: { recordingId: string; state: string; durationMs: number }[];
    };
    expect(recordings.map(recording => recording.state)).to.deep.equal(['complete']);
    expect(recordings[0]?.durationMs).to.be.greaterThan(5000);
  });
});
