import { rest } from '@cratersync/signaling/protocol';
import type { Page } from 'puppeteer';
import { wavSamples } from './audio.ts';
import { fill, named, press, sees } from './browser.ts';
import { until } from './until.ts';

/** What hosts and guests do in the product, by the words they see. */

interface InboxMessage {
  to: string;
  subject: string;
  text: string;
}

/** What `find` finds first in the mail of an address, the newest first. */
export async function mailed(
  url: string,
  email: string,
  find: (message: InboxMessage) => string | undefined,
): Promise<string> {
  return until(async () => {
    const messages = (await (await fetch(`${url}/dev/inbox/messages`)).json()) as InboxMessage[];
    const found = messages.filter(message => message.to.includes(email)).map(find);
    return found.find(each => each !== undefined) ?? null;
  }, 15_000);
}

/** The newest sign-in code that an address was sent. */
export const codeFor = (url: string, email: string): Promise<string> =>
  mailed(url, email, ({ subject }) => /\b\d{6}\b/.exec(subject)?.[0]);

/** The newest link to a page that an address was sent. */
export const linkFor = (url: string, email: string, page: string): Promise<string> =>
  mailed(url, email, ({ text }) => new RegExp(`\\bhttps?://\\S+${page}#[\\w-]+`).exec(text)?.[0]);

/**
 * Asks the server as a page does, in the name of whoever is signed in there. The page may show any address of the server.
 * @returns what it answers @throws with what it refuses
 */
export function ask(page: Page, method: string, path: string, body?: object): Promise<unknown> {
  return page.evaluate(
    async (how, where, what) => {
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(`/api/v1${where}`, { method: how, ...(what && { headers, body: what }) });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${where}: ${text}`);
      return text === '' ? null : JSON.parse(text);
    },
    method,
    path,
    body === undefined ? '' : JSON.stringify(body),
  );
}

export async function askForCode(page: Page, url: string, email: string): Promise<void> {
  await page.goto(url);
  await fill(page, 'Mail address', email);
  await press(page, 'Send me a code');
  await page.locator(named('textbox', 'Code')).wait();
}

export async function enterCode(page: Page, code: string): Promise<void> {
  await fill(page, 'Code', code);
  await press(page, 'Sign in');
}

/** @param at the page that asks who is there */
export async function signIn(page: Page, url: string, email: string, at = url): Promise<void> {
  await askForCode(page, at, email);
  await enterCode(page, await codeFor(url, email));
}

/** Signs in for the first time, names the organization, and makes a session. @returns the session page's URL */
export async function hostSession(
  page: Page,
  url: string,
  options: { email: string; name: string; title: string; signInAt?: string },
) {
  await signIn(page, url, options.email, options.signInAt);
  await fill(page, 'Your name', options.name);
  await fill(page, 'Organization name', `${options.name}’s studio`);
  await press(page, 'Continue');
  await press(page, 'New session');
  await fill(page, 'Title', options.title);
  await press(page, 'Create');
  await sees(page, options.title);
  await page.locator(named('button', 'Create invitation link')).wait();
  return page.url();
}

export async function invite(page: Page): Promise<string> {
  await press(page, 'Create invitation link');
  const link = await page.locator(named('textbox', 'Invitation link')).waitHandle();
  return link.evaluate(input => (input as HTMLInputElement).value);
}

/** Music-like settings: a noise suppressor would take a steady tone for noise. */
export async function leaveSoundAlone(page: Page): Promise<void> {
  await page.locator('summary').click();
  for (const name of ['Echo cancellation', 'Noise suppression', 'Automatic gain']) await flip(page, name);
}

export async function joinAsGuest(page: Page, link: string, name: string): Promise<void> {
  await page.goto(link);
  await fill(page, 'Your name', name);
  await sees(page, 'You join with sound and picture.');
  await leaveSoundAlone(page);
  await press(page, 'Join');
  await page.locator(named('button', 'Leave')).wait();
}

export async function joinAsHost(page: Page): Promise<void> {
  await press(page, 'Enter the studio', 'link');
  await sees(page, 'You join with sound and picture.');
  await leaveSoundAlone(page);
  await press(page, 'Join');
  await page.locator(named('button', 'Leave')).wait();
}

export interface ReceiverStats {
  participantId: string;
  source: string;
  kind: string;
  framesDecoded?: number;
  frameHeight?: number;
  bytesReceived: number;
  totalAudioEnergy?: number;
}

interface SenderStats {
  source: string;
  openedAtMs: number;
  measuredAtMs: number;
  packetsSent: number;
}

/**
 * When a page's microphone began to be taken, told by the page itself, in ms since 1970: `sentMs`, when its first packet
 * left (Opus packets come every 20 ms, so the newest count tells), and `openMs`, when the page knew that it is open. The
 * server began to take it between the two; they lie some 20 ms apart, and more where the machine is slow.
 * @param afterMs waits for a microphone that was opened later than that
 */
export async function microphoneSince(page: Page, afterMs = 0): Promise<{ sentMs: number; openMs: number }> {
  const sent = await page.waitForFunction(
    async after => {
      const diagnostics = (globalThis as unknown as { __cratersync?: { sent(): Promise<SenderStats[]> } })
        .__cratersync;
      const mic = (await diagnostics?.sent())?.find(({ source }) => source === 'mic');
      return mic !== undefined && mic.packetsSent > 0 && mic.openedAtMs > after ? mic : null;
    },
    { timeout: 40_000, polling: 50 },
    afterMs,
  );
  const { openedAtMs, measuredAtMs, packetsSent } = (await sent.jsonValue()) as SenderStats;
  const sentMs = measuredAtMs - packetsSent * 20;
  return { sentMs, openMs: Math.max(sentMs, openedAtMs) };
}

/** Waits until the page decodes pictures and hears sound from this many others. */
export async function receivesFrom(page: Page, others: number): Promise<void> {
  await page.waitForFunction(
    async expected => {
      const diagnostics = (globalThis as unknown as { __cratersync?: { stats(): Promise<ReceiverStats[]> } })
        .__cratersync;
      const stats = (await diagnostics?.stats()) ?? [];
      const seen = new Set(stats.filter(s => (s.framesDecoded ?? 0) > 0).map(s => s.participantId));
      const heard = new Set(stats.filter(s => (s.totalAudioEnergy ?? 0) > 0).map(s => s.participantId));
      return seen.size === expected && heard.size === expected;
    },
    { timeout: 40_000, polling: 250 },
    others,
  );
}

/** Waits until the page has heard more of the others than it had when this was asked. */
export async function hearsMore(page: Page): Promise<void> {
  await page.evaluate(() => Object.assign(globalThis, { heardBefore: undefined }));
  await page.waitForFunction(
    async () => {
      const scope = globalThis as unknown as {
        __cratersync?: { stats(): Promise<ReceiverStats[]> };
        heardBefore?: number;
      };
      const stats = (await scope.__cratersync?.stats()) ?? [];
      const energy = stats.reduce((sum, { totalAudioEnergy = 0 }) => sum + totalAudioEnergy, 0);
      const before = scope.heardBefore ?? Number.POSITIVE_INFINITY;
      scope.heardBefore = energy;
      return energy > before;
    },
    { timeout: 60_000, polling: 50 },
  );
}

/** What the room's clock shows. @returns seconds */
const recordedS = (page: Page): Promise<number> =>
  page.$eval('[data-testid="recording-time"]', clock => {
    const [minutes = 0, seconds = 0] = (clock.textContent ?? '').split(':').slice(-2).map(Number);
    return minutes * 60 + seconds;
  });

/** Waits until the room's clock has gone on by this many seconds. */
export async function recordedOn(page: Page, seconds: number): Promise<void> {
  await timeRecorded(page, (await recordedS(page)) + seconds);
}

/** Waits until the room's clock shows at least this many seconds of recording. */
export async function timeRecorded(page: Page, seconds: number): Promise<void> {
  await page.waitForFunction(
    wanted => {
      const shown = document.querySelector('[data-testid="recording-time"]')?.textContent ?? '';
      const [minutes = 0, rest = 0] = shown.split(':').slice(-2).map(Number);
      return minutes * 60 + rest >= wanted;
    },
    { timeout: 60_000, polling: 50 },
    seconds,
  );
}

/** Waits until the host is told that at least so much is safe. @returns seconds */
export async function safeUpTo(page: Page, seconds: number): Promise<number> {
  const shown = await page.waitForFunction(
    wanted => {
      const text = document.querySelector('[data-testid="safe-up-to"]')?.textContent ?? '';
      const [minutes = 0, rest = 0] = (/[\d:]+/.exec(text)?.[0] ?? '').split(':').map(Number);
      return minutes * 60 + rest >= wanted ? minutes * 60 + rest : null;
    },
    { timeout: 60_000, polling: 250 },
    seconds,
  );
  return Number(await shown.jsonValue());
}

/** Goes from the room to what was recorded there, once its stems can be downloaded. @returns it, and the host's voice */
export async function openRecordingPage(
  page: Page,
): Promise<{ recording: rest.RecordingDetail; mic: Float32Array }> {
  const opened = new Promise<Page | null>(resolve => page.once('popup', resolve));
  await press(page, 'Open recording', 'link');
  const tab = await opened;
  if (tab === null) throw new Error('the recording was not opened');
  await tab.locator(named('link', 'Download all')).setTimeout(60_000).wait();
  const id = tab.url().split('/').at(-1) ?? '';
  const recording = rest.recordingDetail.parse(
    await tab.evaluate(async path => (await fetch(path)).json(), `/api/v1/recordings/${id}`),
  );
  return { recording, mic: await microphoneOf(tab, recording) };
}

/** What a microphone has recorded: of somebody by their name, or else the first. */
export async function microphoneOf(
  page: Page,
  { stems }: rest.RecordingDetail,
  name?: string,
): Promise<Float32Array> {
  const isWanted = (stem: rest.RecordingDetail['stems'][number]) =>
    stem.source === 'mic' && (name === undefined || stem.participantName === name);
  const file = stems.find(isWanted)?.files.find(({ format }) => format === 'wav');
  if (file === undefined) throw new Error(`there is nothing to hear: ${JSON.stringify(stems)}`);
  const base64 = await page.evaluate(async url => {
    const bytes = new Uint8Array(await (await fetch(url)).arrayBuffer());
    let text = '';
    for (const byte of bytes) text += String.fromCharCode(byte);
    return btoa(text);
  }, file.url);
  return wavSamples(Buffer.from(base64, 'base64'));
}

/** What is told of its stems: every gap, and how exact they are. */
export async function certificateOf(page: Page, { projects }: rest.RecordingDetail) {
  const url = projects.find(({ format }) => format === 'sync')?.url ?? '';
  return rest.certificate.parse(await page.evaluate(async path => (await fetch(path)).json(), url));
}

/** Turns a switch over. The input itself is hidden behind the drawn switch: no point of it can be clicked. */
export async function flip(page: Page, name: string): Promise<void> {
  const input = await page.locator(named('switch', name)).setVisibility(null).waitHandle();
  await input.evaluate(element => (element as HTMLElement).click());
}

/** Picks an option of a list. */
export async function choose(page: Page, label: string, option: string): Promise<void> {
  const button = await page
    .locator(`::-p-xpath(//button[@aria-haspopup][contains(..,"${label}")])`)
    .waitHandle();
  await button.click();
  await press(page, option, 'option');
}

/** From the next page on, a page counts how often it asks for a microphone, a camera or a screen. */
export async function countsDeviceRequests(page: Page): Promise<void> {
  await page.evaluateOnNewDocument(() => {
    const counted = globalThis as unknown as { __deviceRequests: number };
    counted.__deviceRequests = 0;
    for (const name of ['getUserMedia', 'getDisplayMedia'] as const) {
      const ask = navigator.mediaDevices[name].bind(navigator.mediaDevices);
      navigator.mediaDevices[name] = (...wanted: Parameters<typeof ask>) => {
        counted.__deviceRequests += 1;
        return ask(...wanted);
      };
    }
  });
}

export const deviceRequests = (page: Page): Promise<number> =>
  page.evaluate(() => (globalThis as unknown as { __deviceRequests: number }).__deviceRequests);
