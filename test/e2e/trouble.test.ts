import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openDatabase, unscoped } from '@cratersync/db';
import type { Stack } from '@cratersync/infra/dev';
import { createLog } from '@cratersync/infra/runtime';
import { expect } from 'chai';
import type { Page } from 'puppeteer';
import { ApiClient, heard, say, sitDown } from '../support/api.ts';
import { fill, named, press, sees } from '../support/browser.ts';
import {
  askForCode,
  codeFor,
  enterCode,
  hearsMore,
  hostSession,
  invite,
  joinAsGuest,
  joinAsHost,
  microphoneSince,
  receivesFrom,
  safeUpTo,
  signIn,
  timeRecorded,
} from '../support/people.ts';
import { keepSenders, switchMicrophone } from '../support/senders.ts';
import { useStack } from '../support/stack.ts';

/** What people see when something is missing, refused or breaks; and that it mends itself where it can. */
describe('trouble, as people meet it', function () {
  this.timeout(120_000);
  const scene = useStack();
  let host: Page;
  let link: string;
  let sessionPage: string;

  const pageOfAda = async () => {
    const [page] = (await scene.browsers.at(-1)?.browser.pages())?.slice(-1) ?? [];
    if (page === undefined) throw new Error('Ada has no page');
    return page;
  };

  before(async () => {
    host = await scene.page();
    sessionPage = await hostSession(host, scene.url, {
      email: 'rita@example.org',
      name: 'Rita',
      title: 'Moon talk',
    });
    link = await invite(host);
    await joinAsHost(host);
  });

  it('a wrong code says how many tries are left; after five not even the right one is taken', async () => {
    const email = 'guesser@example.org';
    const page = await scene.page();
    await askForCode(page, scene.url, email);
    const code = await codeFor(scene.url, email);
    const wrong = code === '000000' ? '000001' : '000000';
    for (const left of ['4 tries are left', '3 tries are left', '2 tries are left', '1 try is left']) {
      await enterCode(page, wrong);
      await sees(page, `That code is not right. Check the newest message; ${left}`);
    }
    await enterCode(page, wrong);
    await sees(page, 'it can no longer be used. Ask for a new one.');
    await enterCode(page, code);
    await sees(page, 'That code has expired or has been used. Ask for a new one.');
  });

  it('a code that has expired or was used says so, and another one is a press away', async () => {
    const email = 'late@example.org';
    const browser = await scene.open();
    const page = await browser.page();
    await askForCode(page, scene.url, email);
    await expireCodes(scene.stack, email);
    await enterCode(page, await codeFor(scene.url, email));
    await sees(page, 'That code has expired or has been used. Ask for a new one.');
    const other = await browser.page();
    await signIn(other, scene.url, email);
    await sees(other, 'Two names, and you can record.');
    await page.bringToFront();
    await enterCode(page, await codeFor(scene.url, email));
    await sees(page, 'That code has expired or has been used. Ask for a new one.');
    const sent = page.waitForResponse(response => response.url().endsWith('/sign-in/codes'));
    await press(page, 'Send another code');
    await sent;
    await enterCode(page, await codeFor(scene.url, email));
    await sees(page, 'Two names, and you can record.');
  });

  it('a link that does not work says so, whatever is wrong with it', async () => {
    const page = await scene.page();
    for (const bad of [
      `${scene.url}/join`,
      `${scene.url}/join#nonsense`,
      `${scene.url}/join#${'A'.repeat(22)}`,
    ]) {
      await page.goto('about:blank');
      await page.goto(bad);
      await sees(page, 'This link does not work');
    }
  });

  it('somebody whose browser refuses camera and microphone joins to listen', async () => {
    const page = await scene.page({ allowsDevices: false });
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
    const page = await scene.page({ hasDevices: false });
    await page.goto(link);
    await fill(page, 'Your name', 'Deviceless');
    await sees(page, 'found');
    await press(page, 'Join');
    await receivesFrom(page, 1);
    await press(page, 'Leave');
  });

  it('somebody without a camera is asked for a name, and joins with sound alone', async () => {
    const page = await scene.page({ hasCamera: false });
    await page.goto(link);
    await sees(page, 'No camera found');
    await sees(page, 'You join with sound only.');
    await press(page, 'Join');
    await sees(page, 'Enter the name that the others will see.');
    await fill(page, 'Your name', 'Voice');
    await press(page, 'Join');
    await receivesFrom(page, 1);
    await host.waitForFunction(
      async () => {
        const { __cratersync } = globalThis as unknown as {
          __cratersync: { stats(): Promise<{ kind: string; totalAudioEnergy?: number }[]> };
        };
        return (await __cratersync.stats()).some(({ totalAudioEnergy = 0 }) => totalAudioEnergy > 0);
      },
      { polling: 250 },
    );
    await press(page, 'Leave');
  });

  it('a guest finds nothing to record with, and is refused when asking anyway', async () => {
    const page = await scene.page();
    await joinAsGuest(page, link, 'Cheeky');
    await sees(page, 'Rita');
    expect(await page.$$('.button-record')).to.deep.equal([]);
    const credential = await page.evaluate(
      key => JSON.parse(localStorage.getItem(key) ?? '{}').credential,
      `cratersync.seat.${link.split('#')[1]}`,
    );
    const socket = sitDown(scene.url, { credential });
    await heard(socket, 'connect');
    await say(socket, 'join', { resume: [] });
    const answer = await say(socket, 'recording.start', {});
    socket.disconnect();
    expect(answer).to.have.nested.property(
      'error.message',
      'Only a host or co-host can start the recording.',
    );
    await page.locator(named('button', 'Join here again')).wait();
  });

  it('a revoked link lets nobody in, and whoever came in by it is told that they are out', async () => {
    const page = await scene.page();
    const hostPages = await scene.tabBeside(host);
    await hostPages.goto(sessionPage);
    const doomed = await invite(hostPages);
    await joinAsGuest(page, doomed, 'Doomed');
    await hostPages.locator('.list-row .button-danger').click();
    await page.bringToFront();
    await sees(page, 'You are no longer in the room');
    await sees(page, 'This link does not work (any more). Ask your host for a new one.');
    await page.goto('about:blank');
    await page.goto(doomed);
    await sees(page, 'This link does not work (any more). Ask your host for a new one.');
    await hostPages.close();
  });

  it('a second tab takes the seat over, and the first says where it went', async () => {
    const browser = await scene.open();
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
    const store = join(scene.stack.dataDir, 'store');
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

  it('a microphone that stops sending turns red at the host’s and at its owner’s, until it sends again', async () => {
    const guest = await scene.page({ toneHz: 660 });
    await guest.evaluateOnNewDocument(keepSenders);
    await joinAsGuest(guest, link, 'Ada');
    await receivesFrom(host, 1);
    await sees(guest, 'Your recording is safe');
    await guest.evaluate(switchMicrophone, false);
    await sees(host, 'Ada’s microphone sends nothing.');
    await host.locator('[role="group"][aria-label="Ada"][data-safety="alarm"]').wait();
    await sees(guest, 'Your microphone sends nothing. Choose it again in the settings.');
    await guest.evaluate(switchMicrophone, true);
    await sees(guest, 'Your recording is safe');
    await host.locator('[role="group"][aria-label="Ada"][data-safety="safe"]').wait();
    await host.waitForFunction(() => document.querySelector('.troubles > li') === null);
  });

  it('a recording goes on while signaling is killed and comes back, and everybody is back by themselves', async () => {
    const guest = await pageOfAda();
    const safeBefore = await safeUpTo(host, 1);
    await guest.bringToFront();
    await press(guest, 'Raise hand');
    await press(guest, 'Chat');
    await fill(guest, 'Message', 'Said before');
    await press(guest, 'Send');
    await sees(guest, 'Said before');
    await scene.stack.kill('signaling');
    await scene.stack.whenReady('signaling');
    for (const page of [host, guest]) {
      await page.bringToFront();
      await page.waitForFunction(() => !/Reconnecting|Restoring/.test(document.body.innerText));
      await receivesFrom(page, 1);
      await page.locator('[data-testid="recording-time"]').wait();
    }
    await safeUpTo(host, safeBefore + 1);
    const stranger = await guest.browser().createBrowserContext();
    const late = await stranger.newPage();
    await joinAsGuest(late, link, 'Late');
    await press(late, 'Chat');
    await sees(late, 'Said before');
    await late.locator('[role="group"][aria-label="Ada"] .tile-hand').wait();
    await press(late, 'Leave');
    await stranger.close();
  });

  it('everybody is back on a new media server when theirs is killed, and the recording goes on', async () => {
    const page = await pageOfAda();
    await scene.stack.kill('sfu');
    await scene.stack.whenReady('sfu');
    for (const each of [host, page]) {
      await each.bringToFront();
      await receivesFrom(each, 1);
      await each.locator('[data-testid="recording-time"]').wait();
    }
  });

  it('everybody is back on a new router when the media worker dies, and is recorded on', async () => {
    const page = await pageOfAda();
    const sfu = scene.stack.pid('sfu');
    const workers = (await readFile(`/proc/${sfu}/task/${sfu}/children`, 'utf8')).trim().split(' ');
    const killedAtMs = Date.now();
    for (const pid of workers) process.kill(Number(pid), 'SIGKILL');
    for (const each of [host, page]) {
      await each.bringToFront();
      await microphoneSince(each, killedAtMs);
      await receivesFrom(each, 1);
    }
    await host.waitForFunction(() => document.querySelectorAll('.tile[data-safety="safe"]').length === 2);
    expect(scene.stack.pid('sfu')).to.equal(sfu);
  });

  it('a recording in progress is finalized when everything is stopped, and there after the next start', async () => {
    await timeRecorded(host, 6);
    await scene.stack.stop();
    // The next test wants a disk with too little room.
    await scene.start({ RECORDER_MIN_FREE_BYTES: String(2 ** 50) });
    const api = await ApiClient.signedIn(scene.url, 'rita@example.org', 'Rita');
    const { sessions } = (await api.call('GET', '/sessions')) as { sessions: { sessionId: string }[] };
    const { recordings } = (await api.call('GET', `/sessions/${sessions[0]?.sessionId}`)) as {
      recordings: { recordingId: string; state: string; durationMs: number }[];
    };
    expect(recordings.map(recording => recording.state)).to.deep.equal(['complete']);
    expect(recordings[0]?.durationMs).to.be.greaterThan(5000);
  });

  it('the red light stays off while the disk is full, and the host is told what to do', async () => {
    await host.bringToFront();
    // What it hears comes from the new stack: it is in the room there.
    await hearsMore(host);
    await receivesFrom(host, 1);
    await press(host, 'Start recording');
    await sees(
      host,
      /The recording was not started: only \d+ MiB are free on the disk.*Delete old files there/,
    );
    expect(await host.$('[data-testid="recording-time"]')).to.equal(null);
  });
});

async function expireCodes(stack: Stack, email: string): Promise<void> {
  const database = openDatabase({ url: stack.databaseUrl, log: createLog('test', 'silent') });
  const statement = `UPDATE app.sign_in_codes SET expires_at = now() - interval '1 second' WHERE email = $1`;
  await unscoped(database, tx => tx.change(statement, [email]));
  await database.close();
}
