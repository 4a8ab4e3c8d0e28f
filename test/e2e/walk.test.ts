import { execFile } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Stack } from '@cratersync/infra/dev';
import { rest } from '@cratersync/signaling/protocol';
import { expect } from 'chai';
import type { Page } from 'puppeteer';
import { loudnessOf, readWav, SAMPLE_RATE_HZ, type Span, silences } from '../support/audio.ts';
import { killPages, named, type PersonalBrowser, press, sees } from '../support/browser.ts';
import {
  hostSession,
  invite,
  joinAsGuest,
  joinAsHost,
  microphoneSince,
  receivesFrom,
  recordedOn,
  timeRecorded,
} from '../support/people.ts';
import { useStack } from '../support/stack.ts';

const run = promisify(execFile);
const tones = { host: 523, ada: 784, björn: 1175 } as const;
type Person = keyof typeof tones;
/** Of sync.json. */
interface Certificate {
  stems: { source: string; packets: { lost: number } }[];
}
const stemNames: Record<Person, string> = { host: 'rita-host', ada: 'ada', björn: 'bjorn' };

// One story, told in order: each step stands on the one before.
describe('the walk: from an empty machine to downloaded stems', function () {
  this.timeout(180_000);
  const scene = useStack();
  const browsers = {} as Record<Person, PersonalBrowser>;
  const pages = {} as Record<Person, Page>;
  let link: string;
  let recording: rest.RecordingDetail;
  let stems: string;
  const happened = {} as Record<'muted' | 'unmuted' | 'open' | 'killed' | 'stopped', number>;
  let back: Awaited<ReturnType<typeof microphoneSince>>;

  before(async () => {
    for (const person of Object.keys(tones) as Person[])
      browsers[person] = await scene.open({ toneHz: tones[person] });
  });

  it('signs the host in with the code from the inbox, names the organization, creates a session', async () => {
    pages.host = await browsers.host.page();
    await hostSession(pages.host, scene.url, {
      email: 'rita@example.org',
      name: 'Rita Host',
      title: 'Moon talk',
    });
    link = await invite(pages.host);
    expect(link).to.match(/\/join#[\w-]{22}$/);
  });

  it('lets two guests in by the link, and everybody sees and hears the other two', async () => {
    await joinAsHost(pages.host);
    pages.ada = await browsers.ada.page();
    pages.björn = await browsers.björn.page();
    await joinAsGuest(pages.ada, link, 'Ada');
    await joinAsGuest(pages.björn, link, 'Björn');
    for (const page of Object.values(pages)) await receivesFrom(page, 2);
  });

  it('records; one guest mutes, the other’s page is killed and comes back', async () => {
    await press(pages.host, 'Start recording');
    for (const page of Object.values(pages)) await sees(page, 'Recording');
    await timeRecorded(pages.host, 3);
    happened.muted = await pressAt(pages.björn, 'Mute');
    await recordedOn(pages.host, 3);
    happened.unmuted = await pressAt(pages.björn, 'Unmute');
    happened.open = await ownMicrophoneOpens(pages.björn, 'Björn');
    happened.killed = await killPages(browsers.ada.browser);
    await pages.ada.close();
    pages.ada = await browsers.ada.page();
    await joinAsGuestAgain(pages.ada, link);
    back = await microphoneSince(pages.ada);
    await receivesFrom(pages.ada, 2);
    await holdUpMediaWorkers(scene.stack, 400);
    await recordedOn(pages.host, 3);
  });

  it('shows the stems when the recording is stopped, and downloads them by the page’s own button', async () => {
    happened.stopped = await pressAt(pages.host, 'Stop recording');
    const opened = pages.host.waitForNavigation().catch(() => null);
    const tab = new Promise<Page | null>(resolve => pages.host.once('popup', page => resolve(page)));
    await press(pages.host, 'Open recording', 'link');
    const page = (await Promise.race([tab, opened.then(() => pages.host)])) ?? pages.host;
    await page.locator(named('link', 'Download all')).setTimeout(90_000).wait();
    recording = await recordingOf(page, scene.url);
    stems = await download(page, join(scene.folder, 'downloads'));
    expect(scene.faults).to.deep.equal([]);
  });

  it('gives one microphone and one camera stem for each of the three, all equally long', async () => {
    const names = (await readdir(stems)).filter(isMedia).sort();
    const expected = (['host', 'ada', 'björn'] as const).flatMap(person =>
      [`mic.wav`, `camera.webm`].map(tail => `${stemNames[person]}-${tail}`),
    );
    expect(names.map(name => name.replace(/^\d\d-/, '')).sort()).to.deep.equal(expected.sort());
    expect(names.every(name => /^[\x21-\x7e]+$/.test(name))).to.equal(true);
    const durations = await Promise.all(names.map(name => probeDuration(join(stems, name))));
    for (const duration of durations) expect(duration * 1000).to.be.closeTo(recording.durationMs ?? 0, 2);
    const lengths = new Set(
      await Promise.all((Object.keys(tones) as Person[]).map(async p => (await wavOf(p)).length)),
    );
    expect(lengths.size).to.equal(1);
    for (const name of names)
      await run('ffmpeg', ['-v', 'error', '-xerror', '-i', join(stems, name), '-f', 'null', '-']);
  });

  it('keeps each person’s tone in their own stem and nobody else’s', async () => {
    for (const owner of Object.keys(tones) as Person[]) {
      const samples = (await wavOf(owner)).subarray(SAMPLE_RATE_HZ, 3 * SAMPLE_RATE_HZ);
      for (const [person, hz] of Object.entries(tones)) {
        const amplitude = loudnessOf(samples, hz);
        if (person === owner) expect(amplitude, `${owner}'s own tone`).to.be.greaterThan(0.02);
        else expect(amplitude, `${person}'s tone in ${owner}'s stem`).to.be.lessThan(0.001);
      }
    }
  });

  it('is silent where somebody was muted or away, within 100 ms', async () => {
    const zero = Date.parse(recording.startedAt);
    const muted = longest(silences(await wavOf('björn'), 1000));
    expect(muted.startMs).to.be.closeTo(happened.muted - zero, 100);
    // What is said once one's own page shows an open microphone is there.
    expect(muted.endMs).to.be.within(happened.unmuted - zero - 100, happened.open - zero + 100);
    const away = longest(silences(await wavOf('ada'), 1000));
    expect(away.startMs).to.be.closeTo(happened.killed - zero, 100);
    // All that was said once the page showed an open microphone is there, and nothing from before it sent.
    expect(away.endMs).to.be.within(back.sentMs - zero - 100, back.openMs - zero + 100);
    // The host is heard throughout, up to the press that ended it.
    const stopped = ((happened.stopped - zero) * SAMPLE_RATE_HZ) / 1000;
    const host = (await wavOf('host')).subarray(0, Math.floor(stopped));
    expect(silences(host, 100).filter(span => span.startMs > 500)).to.deep.equal([]);
    expect(loudnessOf(host.subarray(-SAMPLE_RATE_HZ / 20), tones.host)).to.be.greaterThan(0.02);
  });

  it('lost nothing on the way, though the media server stood still for a moment', async () => {
    const { stems: told } = JSON.parse(await readFile(join(stems, 'sync.json'), 'utf8')) as Certificate;
    const lost = told.filter(({ source }) => source === 'mic').map(({ packets }) => packets.lost);
    expect(lost).to.deep.equal([0, 0, 0]);
  });

  it('keeps no plaintext media on disk', async () => {
    const marks = await knownPlaintext(stems);
    for await (const path of files(scene.stack.dataDir)) {
      const found = await firstFound(path, marks).catch((error: NodeJS.ErrnoException) => {
        // PostgreSQL and the recorder are at work: what was listed may be gone.
        if (error.code === 'ENOENT') return null;
        throw error;
      });
      expect(found, `${path} holds plaintext media`).to.equal(null);
    }
  });

  it('verifies, and names a chunk in which one byte was flipped', async () => {
    const whole = await verify(recording.recordingId);
    expect(whole.code, whole.output).to.equal(0);
    const chunk = await anyChunk(join(scene.stack.dataDir, 'store'));
    const bytes = await readFile(chunk);
    bytes[bytes.length - 100] = (bytes[bytes.length - 100] ?? 0) ^ 1;
    await writeFile(chunk, bytes);
    const damaged = await verify(recording.recordingId);
    expect(damaged.code).to.equal(1);
    expect(damaged.output).to.include(chunk.split('/').at(-1));
  });

  const wavOf = async (person: Person): Promise<Float32Array> => {
    const name = (await readdir(stems)).find(each => each.endsWith(`${stemNames[person]}-mic.wav`));
    if (name === undefined) throw new Error(`there is no stem of ${person}`);
    return readWav(join(stems, name));
  };

  const verify = async (recordingId: string) => {
    const env = { ...process.env, ...scene.stack.env };
    try {
      const { stdout, stderr } = await run('npx', ['cratersync', 'verify', recordingId], { env });
      return { code: 0, output: stdout + stderr };
    } catch (error) {
      const { code, stdout, stderr } = error as { code: number; stdout: string; stderr: string };
      return { code, output: stdout + stderr };
    }
  };
});

/** Presses a button and tells when, by the page's own clock, the press took hold. */
async function pressAt(page: Page, name: string): Promise<number> {
  await page.evaluate(() => {
    addEventListener('pointerup', () => Object.assign(globalThis, { pressedAt: Date.now() }), {
      capture: true,
      once: true,
    });
  });
  await press(page, name);
  return page.evaluate(() => (globalThis as unknown as { pressedAt: number }).pressedAt);
}

/** @returns when a person's own picture no longer says that their microphone is off, wall clock */
async function ownMicrophoneOpens(page: Page, name: string): Promise<number> {
  const opened = await page.waitForFunction(
    label => {
      const own = document.querySelector(`[aria-label="${label}"]`)?.textContent;
      return own !== undefined && !own.includes('microphone off') && Date.now();
    },
    { polling: 'mutation' },
    `${name} (you)`,
  );
  return Number(await opened.jsonValue());
}

/** As when a machine is too busy to give them their turn. */
async function holdUpMediaWorkers(stack: Stack, ms: number): Promise<void> {
  const sfu = stack.pid('sfu');
  const children = await readFile(`/proc/${sfu}/task/${sfu}/children`, 'utf8');
  const workers = (children.match(/\d+/g) ?? []).map(Number);
  expect(workers).not.to.deep.equal([]);
  for (const pid of workers) process.kill(pid, 'SIGSTOP');
  await delay(ms);
  for (const pid of workers) process.kill(pid, 'SIGCONT');
}

/** The same browser opens the same link: name and choices are remembered. */
async function joinAsGuestAgain(page: Page, link: string): Promise<void> {
  await page.goto(link);
  await sees(page, 'You join with sound and picture.');
  await press(page, 'Join');
  await page.locator(named('button', 'Leave')).wait();
}

async function recordingOf(page: Page, url: string): Promise<rest.RecordingDetail> {
  const id = page.url().split('/').at(-1) ?? '';
  const body = await page.evaluate(
    async path => (await fetch(path)).json(),
    `${url}/api/v1/recordings/${id}`,
  );
  return rest.recordingDetail.parse(body);
}

async function download(page: Page, folder: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const session = await page.browser().target().createCDPSession();
  await session.send('Browser.setDownloadBehavior', {
    behavior: 'allow',
    downloadPath: folder,
    eventsEnabled: true,
  });
  const finished = new Promise<void>((resolve, reject) => {
    session.on('Browser.downloadProgress', ({ state }) => {
      if (state === 'completed') resolve();
      if (state === 'canceled') reject(new Error('the download was cancelled'));
    });
  });
  await press(page, 'Download all', 'link');
  await finished;
  const [zip = ''] = await readdir(folder);
  const stems = join(folder, 'stems');
  await run('unzip', ['-q', join(folder, zip), '-d', stems]);
  return stems;
}

/** Projects and the certificate lie beside them. */
const isMedia = (name: string) => /\.(wav|webm|mp4)$/.test(name);

async function probeDuration(path: string): Promise<number> {
  const args = ['-v', 'error', '-show_entries', 'format=duration', '-of', 'csv=p=0', path];
  return Number((await run('ffprobe', args)).stdout);
}

function longest(spans: Span[]): Span {
  const [first] = spans.toSorted((a, b) => b.endMs - b.startMs - (a.endMs - a.startMs));
  if (first === undefined) throw new Error('the stem is never silent');
  return first;
}

async function* files(folder: string): AsyncGenerator<string> {
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) yield join(entry.parentPath, entry.name);
}

/** Stretches of the stems that would stand out on a disk: of the videos, whose payload is stored as it was received. */
async function knownPlaintext(stems: string): Promise<Buffer[]> {
  const marks: Buffer[] = [];
  for (const name of (await readdir(stems)).filter(isMedia)) {
    const bytes = await readFile(join(stems, name));
    for (const share of [0.3, 0.5, 0.7]) {
      const at = Math.floor(bytes.length * share);
      const mark = bytes.subarray(at, at + 24);
      // A silent stretch of a WAV is zeros, which every disk is full of.
      if (new Set(mark).size > 12) marks.push(Buffer.from(mark));
    }
  }
  expect(marks.length).to.be.greaterThan(6);
  return marks;
}

async function firstFound(path: string, marks: Buffer[]): Promise<Buffer | null> {
  // A running database takes files away again.
  const size = await stat(path).then(
    found => found.size,
    () => 0,
  );
  if (size === 0) return null;
  let tail = Buffer.alloc(0);
  for await (const part of createReadStream(path, { highWaterMark: 8 << 20 })) {
    const text = Buffer.concat([tail, part as Buffer]);
    const found = marks.find(mark => text.includes(mark));
    if (found !== undefined) return found;
    tail = text.subarray(-32);
  }
  return null;
}

async function anyChunk(store: string): Promise<string> {
  for await (const path of files(store))
    if (path.includes('/tracks/') && (await stat(path)).size > 2000) return path;
  throw new Error('there is no chunk in the store');
}
