import { setTimeout as delay } from 'node:timers/promises';
import type { Database } from '@cratersync/db';
import type { Stack } from '@cratersync/infra/dev';
import { openKeys } from '@cratersync/recorder/keys';
import { openStore } from '@cratersync/recorder/store';
import { openRecording } from '@cratersync/recorder/testing';
import type { OrganizationId, RecordingId, SessionId, Source } from '@cratersync/signaling/protocol';
import type { Page } from 'puppeteer';
import { fill, named, PersonalBrowser, press, sees } from '../support/browser.ts';
import { hostSession, invite, joinAsHost, timeRecorded } from '../support/people.ts';
import { type Figures, median } from './figures.ts';

const JOINS = 3;
/** What a newcomer sends is recorded for this long at least. */
const STAY_S = 4;

/**
 * Guests come, one after another, while a host is being recorded; all of them in one Chromium. When they clicked, the
 * page's clock says; when the recorder had their first packet, its journal says; both show this machine's time.
 * @returns how long it took from the stop click until the recording was complete, ms
 */
export async function measureJoins(figures: Figures, stack: Stack, database: Database): Promise<number> {
  const browser = await PersonalBrowser.open();
  try {
    const host = await browser.page();
    await hostSession(host, stack.url, { email: 'bench@example.org', name: 'Bench', title: 'Joins' });
    const link = await invite(host);
    await joinAsHost(host);
    await press(host, 'Start recording');
    await sees(host, 'Recording');
    const clickedMs: number[] = [];
    for (let guest = 1; guest <= JOINS; guest += 1)
      clickedMs.push(await joinOnce(browser, host, link, `Guest ${guest}`));
    const stoppedMs = await clickAt(host, 'Stop recording');
    const ids = await recordingOf(host, database);
    const completeMs = (await completion(database, ids.recordingId)) - stoppedMs;
    figures.set('stop_to_complete_ms', completeMs, 'from the stop click until the recording is complete');
    setJoinFigures(figures, await firstPackets(stack, ids), clickedMs);
    return completeMs;
  } finally {
    await browser.close();
  }
}

/** @returns when they clicked */
async function joinOnce(browser: PersonalBrowser, host: Page, link: string, name: string): Promise<number> {
  // A person of their own as far as the product can tell: no storage is shared.
  const context = await browser.browser.createBrowserContext();
  const page = await context.newPage();
  page.setDefaultTimeout(20_000);
  await page.goto(link);
  await fill(page, 'Your name', name);
  await sees(page, 'You join with sound and picture.');
  const clickedMs = await clickAt(page, 'Join');
  await page.locator(named('button', 'Leave')).wait();
  await timeRecorded(host, (await shownS(host)) + STAY_S);
  await press(page, 'Leave');
  await context.close();
  return clickedMs;
}

/** Presses a button. @returns when, ms since 1970 by the page's clock */
async function clickAt(page: Page, name: string): Promise<number> {
  await page.evaluate(() => {
    const note = () => Object.assign(globalThis, { clickedAtMs: performance.timeOrigin + performance.now() });
    addEventListener('click', note, { capture: true, once: true });
  });
  await press(page, name);
  return page.evaluate(() => (globalThis as unknown as { clickedAtMs: number }).clickedAtMs);
}

async function shownS(page: Page): Promise<number> {
  const shown = await page.$eval('[data-testid="recording-time"]', element => element.textContent ?? '');
  const [minutes = 0, seconds = 0] = shown.split(':').slice(-2).map(Number);
  return minutes * 60 + seconds;
}

interface Ids {
  organizationId: OrganizationId;
  sessionId: SessionId;
  recordingId: RecordingId;
}

async function recordingOf(host: Page, database: Database): Promise<Ids> {
  const link = await host.locator(named('link', 'Open recording')).waitHandle();
  const href = await link.evaluate(element => (element as HTMLAnchorElement).href);
  const { rows } = await database.pool.query<Ids>(
    `SELECT organization_id AS "organizationId", session_id AS "sessionId", recording_id AS "recordingId"
     FROM app.recordings WHERE recording_id = $1`,
    [href.split('/').at(-1)],
  );
  const [ids] = rows;
  if (ids === undefined) throw new Error(`no recording has the address ${href}`);
  return ids;
}

/** @returns when it was seen to be complete, ms since 1970 */
async function completion(database: Database, recordingId: RecordingId): Promise<number> {
  for (;;) {
    const { rows } = await database.pool.query<{ state: string }>(
      'SELECT state FROM app.recordings WHERE recording_id = $1',
      [recordingId],
    );
    if (rows[0]?.state === 'complete') return Date.now();
    await delay(10);
  }
}

type First = Partial<Record<Source, number>>;

/** When each person's first packets arrived, in the order in which they came; ms since 1970. */
async function firstPackets(stack: Stack, ids: Ids): Promise<First[]> {
  const store = await openStore({ DATA_DIR: stack.dataDir });
  const reader = await openRecording(store, await openKeys({ DATA_DIR: stack.dataDir }), ids);
  const people = new Map<string, First>();
  for (const track of reader.manifest.tracks) {
    const first = people.get(track.participantId) ?? {};
    people.set(track.participantId, first);
    for await (const record of reader.records(track)) {
      if (record.type !== 'rtp') continue;
      first[track.source] = Date.parse(reader.manifest.startedAt) + record.atUs / 1000;
      break;
    }
  }
  await store.close();
  return [...people.values()];
}

function setJoinFigures(figures: Figures, people: First[], clickedMs: number[]): void {
  const [, ...guests] = people;
  if (guests.length !== clickedMs.length)
    throw new Error(`${guests.length} guests were recorded, and ${clickedMs.length} came`);
  const after = (source: Source) =>
    guests.map((guest, index) => (guest[source] ?? Number.NaN) - (clickedMs[index] ?? Number.NaN));
  const [audio, video] = [after('mic'), after('camera')];
  const first = audio.map((ms, index) => Math.min(ms, video[index] ?? Number.NaN));
  const said = `median of ${JOINS} guests who came while it recorded`;
  figures.set('join_to_first_packet_ms', median(first), `from the join click to the journal; ${said}`);
  figures.set('join_to_first_audio_ms', median(audio), 'the same, of the microphone');
  figures.set('join_to_first_video_ms', median(video), 'the same, of the camera');
}
