import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Stack, startStack } from '@cratersync/infra/dev';
import { expect } from 'chai';
import type { Page } from 'puppeteer';
import { fill, named, PersonalBrowser, press, sees } from '../support/browser.ts';
import { hostSession, invite, joinAsGuest, joinAsHost, receivesFrom } from '../support/people.ts';

/** What people do with each other in the room, and what they see of it. One story, told in order. */
describe('the room, as people use it', function () {
  this.timeout(120_000);
  let folder: string;
  let stack: Stack;
  const browsers: PersonalBrowser[] = [];
  let host: Page;
  let guest: Page;
  let link: string;

  const browse = async (toneHz: number) => {
    const browser = await PersonalBrowser.open({ toneHz });
    browsers.push(browser);
    return browser.page();
  };

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cratersync-people-'));
    stack = await startStack({ env: { ...process.env, DATA_DIR: join(folder, 'data'), PORT: '0' } });
    host = await browse(523);
    const { url } = stack;
    await hostSession(host, url, { email: 'rita@example.org', name: 'Rita', title: 'Moon talk' });
    link = await invite(host);
    await joinAsHost(host);
    guest = await browse(784);
    await joinAsGuest(guest, link, 'Ada');
    await receivesFrom(guest, 1);
  });

  after(async () => {
    await Promise.all(browsers.map(browser => browser.close()));
    await stack?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  it('what somebody writes is read by the others as it was written, and still there after a reload', async () => {
    await press(guest, 'Chat');
    await fill(guest, 'Message', 'Is <b>this</b> on?');
    await guest.keyboard.press('Enter');
    await sees(guest, 'Is <b>this</b> on?');
    await press(host, 'Chat (1 new)');
    await sees(host, 'Is <b>this</b> on?');
    await fill(host, 'Message', 'It is');
    await press(host, 'Send');
    await sees(guest, 'It is');
    await guest.reload();
    await press(guest, 'Join');
    await press(guest, 'Chat');
    await sees(guest, 'Is <b>this</b> on?');
    await sees(guest, 'It is');
    await press(guest, 'Chat');
    await press(host, 'Chat');
  });

  it('a raised hand is seen by the others; its owner or a host takes it down', async () => {
    await press(guest, 'Raise hand');
    await press(host, 'People (2)');
    await sees(host, 'Hand raised');
    await press(host, 'Options for Ada');
    await press(host, 'Lower hand', 'menuitem');
    await guest.locator(named('button', 'Raise hand')).wait();
    await press(host, 'People (2)');
    for (const browser of browsers) expect(browser.faults).to.deep.equal([]);
  });
});
