import { setInterval } from 'node:timers/promises';
import { expect } from 'chai';
import type { KeyInput, Page } from 'puppeteer';
import { fill, named, press, sees } from '../support/browser.ts';
import { freePort } from '../support/free-port.ts';
import {
  flip,
  hostSession,
  invite,
  joinAsGuest,
  joinAsHost,
  type ReceiverStats,
  receivesFrom,
} from '../support/people.ts';
import { useStack } from '../support/stack.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';

/** What people do with each other in the room, and what they see of it. One story, told in order. */
describe('the room, as people use it', function () {
  this.timeout(120_000);
  /** Between the browsers and the server. */
  let network: TcpProxy;
  let port: number;
  before(async () => {
    port = await freePort();
    network = await TcpProxy.open(`http://127.0.0.1:${port}`);
  });
  const publicUrl = () => network.url.replace('127.0.0.1', 'localhost');
  const scene = useStack(() => ({ PORT: String(port), PUBLIC_URL: publicUrl() }));
  after(() => network?.close());
  let host: Page;
  let guest: Page;
  let link: string;

  before(async () => {
    host = await scene.page({ toneHz: 523 });
    const { url } = scene;
    await hostSession(host, url, { email: 'rita@example.org', name: 'Rita', title: 'Moon talk' });
    link = await invite(host);
    await joinAsHost(host);
    guest = await scene.page({ toneHz: 784 });
    await guest.evaluateOnNewDocument(countWakeLocks);
    await guest.evaluateOnNewDocument(keepMicrophone);
    await guest.evaluateOnNewDocument(measureLoss);
    await joinAsGuest(guest, link, 'Ada');
    await receivesFrom(guest, 1);
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
  });

  it('shows whoever speaks large, and everybody alike again; and lets one hide oneself', async () => {
    await press(host, 'View');
    await press(host, 'Show the speaker large', 'menuitem');
    await host.waitForFunction(() => {
      const [ada, you] = ['Ada', 'Rita (you)'].map(name =>
        document.querySelector(`[role="group"][aria-label="${name}"]`)?.getBoundingClientRect(),
      );
      return ada !== undefined && you !== undefined && ada.height > 2.5 * you.height && ada.top < you.top;
    });
    await host.keyboard.press('l');
    await host.waitForFunction(() => {
      const heights = [...document.querySelectorAll('.tile')].map(tile => tile.clientHeight);
      return heights.length === 2 && heights[0] === heights[1];
    });
    await press(host, 'View');
    await press(host, 'Hide yourself from your own view', 'menuitem');
    await host.waitForFunction(() => {
      const shown = [...document.querySelectorAll('.tile')].map(tile => tile.getAttribute('aria-label'));
      return shown.join() === 'Ada';
    });
    await press(host, 'View');
    await press(host, 'Show yourself', 'menuitem');
    await host.locator('[role="group"][aria-label="Rita (you)"]').wait();
  });

  it('has a picture sent as large as it is shown, and not at all while nobody sees it', async () => {
    const picture = async () => {
      const [camera] = await host.evaluate(async () => {
        const { __cratersync } = globalThis as unknown as {
          __cratersync: { stats(): Promise<ReceiverStats[]> };
        };
        return (await __cratersync.stats()).filter(({ source }) => source === 'camera');
      });
      return { height: camera?.frameHeight ?? 0, bytes: camera?.bytesReceived ?? 0 };
    };
    const until = async (holds: (now: Awaited<ReturnType<typeof picture>>) => boolean | Promise<boolean>) => {
      for await (const _ of setInterval(200)) if (await holds(await picture())) return;
    };
    await host.setViewport({ width: 320, height: 480 });
    await until(({ height }) => height > 0 && height <= 180);
    const small = await picture();
    await host.setViewport({ width: 1000, height: 720 });
    await until(({ height }) => height > small.height);
    // Another tab of the same window in front of it.
    const other = await scene.tabBeside(host);
    let before = -1;
    let stands = 0;
    await until(({ bytes }) => {
      stands = bytes === before ? stands + 1 : 0;
      before = bytes;
      return stands === 5;
    });
    await other.close();
    await host.bringToFront();
    await until(({ bytes }) => bytes > before);
  });

  it('tells whoever speaks muted, and lets them speak while they hold the space bar', async () => {
    await press(guest, 'Mute');
    await sees(guest, 'You are muted: nobody hears you.');
    const seemsMuted = (isMuted: boolean) =>
      host.waitForFunction(
        expected => {
          const ada = document.querySelector('[role="group"][aria-label="Ada"]')?.textContent ?? '';
          return ada.includes('microphone off') === expected;
        },
        {},
        isMuted,
      );
    await seemsMuted(true);
    await guest.keyboard.down('Space');
    await guest.locator(named('button', 'Mute')).wait();
    await seemsMuted(false);
    await guest.keyboard.up('Space');
    await guest.locator(named('button', 'Unmute')).wait();
    await seemsMuted(true);
  });

  it('has keys for what is done often; not while somebody types, and not when they are switched off', async () => {
    await guest.keyboard.press('m');
    await guest.locator(named('button', 'Mute')).wait();
    await guest.keyboard.press('h');
    await guest.locator(named('button', 'Lower hand')).wait();
    await guest.keyboard.press('h');
    await guest.keyboard.press('c');
    await guest.locator(named('textbox', 'Message')).click();
    // Each of them an odd number of times, or the last would undo what the others did.
    await guest.keyboard.type('hmm m');
    const typed = await guest.locator(named('textbox', 'Message')).waitHandle();
    expect(await typed.evaluate(input => (input as HTMLInputElement).value)).to.equal('hmm m');
    await guest.locator(named('button', 'Mute')).wait();
    await press(guest, 'Chat');
    await guest.keyboard.press('?');
    await sees(guest, 'While you hold it: be heard, though you are muted');
    await flip(guest, 'Use shortcuts');
    await press(guest, 'Close');
    await guest.keyboard.press('m');
    await guest.keyboard.press('?');
    await press(guest, 'Raise hand');
    // The server has answered what was pressed last: what a key had done before would be seen, too.
    await press(guest, 'Lower hand');
    await guest.locator(named('button', 'Mute')).wait();
  });

  it('goes on with another microphone when one is unplugged', async () => {
    await guest.bringToFront();
    await guest.evaluate(unplugMicrophone);
    await sees(guest, 'A device was unplugged. Another one has taken its place.');
    await press(guest, 'Dismiss');
    const heard = () =>
      host.evaluate(async () => {
        const { __cratersync } = globalThis as unknown as {
          __cratersync: { stats(): Promise<{ source: string; totalAudioEnergy?: number }[]> };
        };
        return (await __cratersync.stats()).find(({ source }) => source === 'mic')?.totalAudioEnergy ?? 0;
      });
    const before = await heard();
    // A third of a second of the tone: more than what was on its way when the first one went.
    while ((await heard()) <= before + 0.01);
  });

  it('lets a host do what hosts do by the keyboard alone, and asks before what cannot be undone', async () => {
    await host.bringToFront();
    await host.keyboard.press('p');
    await tabTo(host, 'Options for Ada');
    await host.keyboard.press('Enter');
    await host.keyboard.type('Rem');
    await host.keyboard.press('Enter');
    await sees(host, 'Remove Ada?');
    expect(await focused(host)).to.equal('Keep');
    await host.keyboard.press('Escape');
    await host.waitForFunction(() => !document.body.innerText.includes('Remove Ada?'));
    await tabTo(host, 'Lock the room');
    await host.keyboard.press('Space');
    const lock = await host.locator(named('switch', 'Lock the room')).setVisibility(null).waitHandle();
    await host.waitForFunction(input => (input as HTMLInputElement).checked, {}, lock);
    await host.keyboard.press('Space');
    // The toolbar is one stop of Tab; within it the arrows move.
    await reach(host, 'Leave', 'Tab', 'ArrowRight');
    await reach(host, 'People (2)', 'ArrowLeft');
    await host.keyboard.press('Enter');
    await guest.locator(named('button', 'Leave')).wait();
  });

  it('tells everybody whose connection is poor and why, and when it is good again', async () => {
    const lose = (share: number) =>
      guest.evaluate(given => Object.assign(globalThis, { __lost: given }), share);
    await lose(0.4);
    await sees(guest, 'Poor connection: much is lost on the way. What helps:', 30_000);
    await host.locator('[role="group"][aria-label="Ada"] .tile-trouble').wait();
    await press(host, 'People (2)');
    await sees(host, /connection: .* lost on the way/);
    await lose(0);
    await host.waitForFunction(() => !document.body.innerText.includes('lost on the way'), {
      timeout: 30_000,
    });
    await press(host, 'People (2)');
  });

  it('notices a network that swallows everything, says so, and is back by itself when it no longer does', async () => {
    network.onAnswer = () => 'hold';
    await sees(guest, 'Connection lost. Reconnecting by itself…', 25_000);
    network.onAnswer = () => 'pass';
    for (const page of [guest, host]) {
      await page.bringToFront();
      await page.waitForFunction(() => !/reconnecting/i.test(document.body.innerText));
      await receivesFrom(page, 1);
    }
    await press(guest, 'Raise hand');
    await host.locator('[role="group"][aria-label="Ada"] .tile-hand').wait();
  });

  it('keeps the screen awake', async () => {
    expect(
      await guest.evaluate(() => (globalThis as unknown as { __wakeLocks: number }).__wakeLocks),
    ).to.equal(1);
    expect(scene.faults).to.deep.equal([]);
  });
});

/** What a screen reader would say has the focus. */
const focused = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const element = document.activeElement;
    return element?.getAttribute('aria-label') ?? element?.textContent?.trim() ?? '';
  });

const tabTo = (page: Page, name: string) => reach(page, name, 'Tab');

/** By one key, or by several in turn. */
async function reach(page: Page, name: string, ...keys: KeyInput[]): Promise<void> {
  for (let presses = 0; presses < 80; presses += 1) {
    if ((await focused(page)) === name) return;
    await page.keyboard.press(keys[presses % keys.length] ?? 'Tab');
  }
  throw new Error(`the keyboard does not reach “${name}”`);
}

/** Of the page: how many wake locks it holds. */
function countWakeLocks(): void {
  const counted = globalThis as unknown as { __wakeLocks: number };
  counted.__wakeLocks = 0;
  const request = navigator.wakeLock.request.bind(navigator.wakeLock);
  navigator.wakeLock.request = async type => {
    const lock = await request(type);
    counted.__wakeLocks += 1;
    lock.addEventListener('release', () => {
      counted.__wakeLocks -= 1;
    });
    return lock;
  };
}

/** In the page: remembers the microphone that it was given last. */
function keepMicrophone(): void {
  const { getUserMedia } = MediaDevices.prototype;
  MediaDevices.prototype.getUserMedia = async function (...asked) {
    const stream = await getUserMedia.apply(this, asked);
    const [mic] = stream.getAudioTracks();
    if (mic !== undefined) Object.assign(globalThis, { __microphone: mic });
    return stream;
  };
}

/** In the page: what a browser does when a microphone is unplugged. */
function unplugMicrophone(): void {
  const { __microphone: mic } = globalThis as unknown as { __microphone: MediaStreamTrack };
  mic.stop();
  mic.dispatchEvent(new Event('ended'));
  navigator.mediaDevices.dispatchEvent(new Event('devicechange'));
}

/**
 * In the page: has the browser measure that so much of what it sends is lost. Its own emulation of a bad network does not
 * reach the sockets of WebRTC.
 */
function measureLoss(): void {
  const { getStats } = RTCPeerConnection.prototype;
  RTCPeerConnection.prototype.getStats = async function (...asked) {
    const { __lost: fractionLost } = globalThis as unknown as { __lost?: number };
    const measured = [...(await getStats.apply(this, asked))];
    const told = measured.map(([id, report]): [string, unknown] => [
      id,
      fractionLost !== undefined && report.type === 'remote-inbound-rtp'
        ? { ...report, fractionLost }
        : report,
    ]);
    return new Map(told) as unknown as RTCStatsReport;
  };
}
