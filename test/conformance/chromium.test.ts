import { buffer } from 'node:stream/consumers';
import type { Stack } from '@cratersync/infra/dev';
import { HEAD_BYTES, objectKeys, readHead } from '@cratersync/recorder/format';
import { openKeys } from '@cratersync/recorder/keys';
import { openRecording, type RecordingReader } from '@cratersync/recorder/reader';
import { openStore } from '@cratersync/recorder/store';
import { hearStem, survey } from '@cratersync/recorder/testing';
import { recordingId as asRecordingId } from '@cratersync/signaling/protocol';
import { expect } from 'chai';
import type { Page } from 'puppeteer';
import { named, press, sees } from '../support/browser.ts';
import {
  hostSession,
  invite,
  joinAsGuest,
  joinAsHost,
  receivesFrom,
  timeRecorded,
} from '../support/people.ts';
import { useStack } from '../support/stack.ts';
import { until } from '../support/until.ts';
import { UNSTEADY_MS } from './cases.ts';
import { chirpMicrophone } from './chirp-microphone.ts';
import { CHIRP, findChirp } from './pattern.ts';
import { report } from './report.ts';

const RECORDED_S = 30;
/** Seconds of the wall clock that are multiples of it have no chirp. */
const SILENT_SECOND = 7;
const isSilent = (second: number) => second % SILENT_SECOND === 0;
/** A page that has no processor for a moment makes no sound, and three share two here. */
const MOST_UNHEARD = 2;
/** Joining late, and the end. */
const EDGE_S = 3;

/**
 * Chromium's reports of a generated track tell of a capture that is as much too early as the track is older than its
 * sender: these stems are laid by arrival. Of a microphone, real or fake, they are right to some ms.
 */
describe('three real browsers that hear the same', function () {
  this.timeout(240_000);
  const scene = useStack();

  after(() => report.finish());

  async function newPage(): Promise<Page> {
    const page = await scene.page();
    await page.evaluateOnNewDocument(chirpMicrophone, [...CHIRP], SILENT_SECOND);
    return page;
  }

  async function record(): Promise<RecordingReader> {
    const host = await newPage();
    await hostSession(host, scene.url, { email: 'chirp@example.org', name: 'Rita Host', title: 'Chirps' });
    const link = await invite(host);
    await joinAsHost(host);
    const guests = [await newPage(), await newPage()];
    for (const [index, guest] of guests.entries()) await joinAsGuest(guest, link, `Guest ${index + 1}`);
    for (const page of [host, ...guests]) await receivesFrom(page, 2);
    await press(host, 'Start recording');
    await sees(host, 'Recording');
    await timeRecorded(host, RECORDED_S);
    await press(host, 'Stop recording');
    await host.locator(named('link', 'Open recording')).setTimeout(60_000).wait();
    return read(scene.stack);
  }

  it(`give stems that line up within ${UNSTEADY_MS} ms`, async () => {
    const reader = await record();
    const startedS = Date.parse(reader.manifest.startedAt) / 1000;
    const microphones = (await survey(reader)).filter(({ source }) => source === 'mic');
    expect(microphones).to.have.length(3);
    const late: (number | null)[][] = [];
    const lengths = new Set<number>();
    for (const stem of microphones) {
      const { samples } = await hearStem(reader, stem);
      lengths.add(samples.length);
      const first = Math.ceil(startedS) + EDGE_S;
      const seconds = Array.from({ length: RECORDED_S - 2 * EDGE_S }, (_, index) => first + index);
      const found = seconds.map(second => findChirp(samples, second - startedS, 0.45));
      late.push(found);
      // Else a stem that lies a whole second away would pass.
      const missing = seconds.filter((_, index) => found[index] === null);
      expect(missing).to.include.members(seconds.filter(isSilent));
      expect(missing.filter(second => !isSilent(second))).to.have.length.at.most(MOST_UNHEARD);
    }
    expect(lengths.size).to.equal(1);
    let worstMs = 0;
    let compared = 0;
    for (const [index] of late[0]?.entries() ?? []) {
      const found = late.flatMap(each => each[index] ?? []);
      if (found.length < 3) continue;
      compared += 1;
      worstMs = Math.max(worstMs, (Math.max(...found) - Math.min(...found)) * 1000);
    }
    report.line('three Chromium pages', worstMs, `over ${compared} chirps`);
    expect(compared).to.be.above(RECORDED_S / 2);
    expect(worstMs).to.be.at.most(UNSTEADY_MS);
  });
});

/** The only recording of a stack, once its manifest is in the store. Whose it is stands in the open part of that. */
async function read({ dataDir, env }: Stack): Promise<RecordingReader> {
  const store = await openStore({ ...env, DATA_DIR: dataDir });
  const recordingId = await until(async () => {
    for await (const { key } of store.list('recordings/'))
      if (key.endsWith('/manifest')) return asRecordingId.parse(key.split('/')[1]);
    return null;
  });
  const bytes = await buffer(
    await store.get(objectKeys.manifest(recordingId), { start: 0, end: HEAD_BYTES - 1 }),
  );
  const { organizationId, sessionId } = readHead(bytes);
  const keys = await openKeys({ ...env, DATA_DIR: dataDir });
  return openRecording(store, keys, { organizationId, sessionId, recordingId });
}
