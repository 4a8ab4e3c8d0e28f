import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { CDPSession, Page } from 'puppeteer';
import { fill, named, type PersonalBrowser, press, sees } from '../support/browser.ts';
import { Nat } from '../support/nat.ts';
import { hearsMore, hostSession, invite, joinAsHost, receivesFrom } from '../support/people.ts';
import { StackScene } from '../support/stack.ts';
import { type Figures, median } from './figures.ts';

const TIMES = 3;
const CUT_MS = 5_000;
const PEOPLE = 8;
const MINUTES = process.env['LONG'] === '1' ? 10 : 2;

/** What people in the room wait for, and what it costs a page to be there with seven others. */
export async function measureRoom(figures: Figures): Promise<void> {
  const nat = await Nat.open();
  const scene = new StackScene();
  try {
    await scene.start(nat.settings);
    const host = await scene.page();
    await hostSession(host, scene.url, { email: 'bench@example.org', name: 'Bench', title: 'Moon talk' });
    const link = await invite(host);
    await joinAsHost(host);
    const { browser } = await scene.open({ toneHz: 784 });
    const guest = () => comesIn(browser, link);
    const firsts: number[] = [];
    for (let time = 1; time < TIMES; time += 1) {
      const { page, firstFrameMs } = await guest();
      firsts.push(firstFrameMs);
      await press(page, 'Leave');
      await page.browserContext().close();
    }
    const { page, firstFrameMs } = await guest();
    figures.set(
      'join_to_first_frame_ms',
      median([...firsts, firstFrameMs]),
      `from the join click to the first picture of somebody else; median of ${TIMES}`,
    );
    await measureRecoveries(figures, scene, nat, host, page);
    await measureCrowd(figures, host, guest);
  } finally {
    await scene.close();
    nat.close();
  }
}

/** Somebody more, of whom the product knows nothing yet. */
async function comesIn(browser: PersonalBrowser['browser'], link: string) {
  const context = await browser.createBrowserContext();
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  await page.goto(link);
  await fill(page, 'Your name', 'Guest');
  await sees(page, 'You join with sound and picture.', 60_000);
  await page.evaluate(() => {
    const note = () => Object.assign(globalThis, { clickedAtMs: performance.now() });
    addEventListener('click', note, { capture: true, once: true });
  });
  await press(page, 'Join');
  const shown = await page.waitForFunction(
    () => {
      const { clickedAtMs } = globalThis as unknown as { clickedAtMs: number };
      const others = document.querySelectorAll<HTMLVideoElement>('.tile:not([aria-label$="(you)"]) video');
      return [...others].some(video => video.getVideoPlaybackQuality().totalVideoFrames > 0)
        ? performance.now() - clickedAtMs
        : null;
    },
    { polling: 'raf' },
  );
  return { page, firstFrameMs: Number(await shown.jsonValue()) };
}

async function measureRecoveries(figures: Figures, scene: StackScene, nat: Nat, host: Page, guest: Page) {
  const recover = async (name: string, what: string, breaks: () => Promise<void>) => {
    const took: number[] = [];
    for (let time = 0; time < TIMES; time += 1) {
      await Promise.all([host, guest].map(hearsMore));
      await breaks();
      const startMs = performance.now();
      await Promise.all([host, guest].map(hearsMore));
      took.push(performance.now() - startMs);
    }
    figures.set(name, median(took), `until both hear each other; ${what}; median of ${TIMES}`);
  };
  await recover('back_after_cut_ms', `after ${CUT_MS / 1000} s in which no media passed`, async () => {
    nat.lose(() => true);
    await delay(CUT_MS);
    nat.lose(() => false);
  });
  await recover('back_after_sfu_worker_ms', 'from the kill of the media worker', async () => {
    const sfu = scene.stack.pid('sfu');
    const workers = (await readFile(`/proc/${sfu}/task/${sfu}/children`, 'utf8')).trim().split(' ');
    for (const pid of workers) process.kill(Number(pid), 'SIGKILL');
  });
  const took: number[] = [];
  for (let time = 0; time < TIMES; time += 1) {
    const startMs = performance.now();
    await scene.stack.kill('signaling');
    await scene.stack.whenReady('signaling');
    const isConnected = () => !/Reconnecting|Restoring|Connection lost/.test(document.body.innerText);
    await Promise.all([host, guest].map(page => page.waitForFunction(isConnected, { polling: 50 })));
    took.push(performance.now() - startMs);
  }
  const what = `from the kill of signaling until both pages are in the room again; media goes on meanwhile; median of ${TIMES}`;
  figures.set('back_after_signaling_ms', median(took), what);
}

async function measureCrowd(figures: Figures, host: Page, guest: () => Promise<unknown>): Promise<void> {
  for (let people = 2; people < PEOPLE; people += 1) await guest();
  await host.bringToFront();
  await receivesFrom(host, PEOPLE - 1);
  await host.locator(named('button', `People (${PEOPLE})`)).wait();
  const session = await host.createCDPSession();
  const before = await heapBytes(session);
  await host.evaluate(() => {
    const tasks: number[] = [];
    new PerformanceObserver(list => {
      for (const { duration } of list.getEntries()) tasks.push(duration);
    }).observe({ type: 'longtask' });
    Object.assign(globalThis, { longTasks: tasks });
  });
  await delay(MINUTES * 60_000);
  const tasks = await host.evaluate(() => (globalThis as unknown as { longTasks: number[] }).longTasks);
  const after = await heapBytes(session);
  const told = `a page with ${PEOPLE} people, all in one Chromium on this machine, in ${MINUTES} minutes (LONG=1: 10)`;
  figures.set('crowd_long_tasks_per_min', tasks.length / MINUTES, `of more than 50 ms; ${told}`);
  figures.set('crowd_longest_task_ms', Math.max(0, ...tasks), told);
  figures.set('crowd_heap_mb', after / 1e6, `after a collection; ${told}`);
  figures.set('crowd_heap_grows_mb', (after - before) / 1e6, told);
}

async function heapBytes(session: CDPSession): Promise<number> {
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  return usedSize;
}
