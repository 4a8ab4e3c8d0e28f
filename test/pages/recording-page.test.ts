import { type Database, openDatabase } from '@cratersync/db';
import { createLog } from '@cratersync/infra/runtime';
import {
  encodeOpus,
  journal,
  opusInfo,
  opusUnits,
  type TestTrack,
  tone,
  videoInfo,
  vp8Units,
} from '@cratersync/recorder/testing';
import { rest } from '@cratersync/signaling/protocol';
import { expect } from 'chai';
import type { Page } from 'puppeteer';
import { fill, named, press, sees } from '../support/browser.ts';
import { finishedRecording } from '../support/finished-recording.ts';
import { hostSession } from '../support/people.ts';
import { useStack } from '../support/stack.ts';

const SECONDS = 40;

/** Words and pauses, as far as a waveform shows them. */
function speech(hz: number, seconds: number): Float32Array {
  const word = (index: number) => Math.max(0, Math.sin(index / 9000) * Math.sin(index / 31_000));
  return tone(hz, seconds).map((value, index) => value * word(index));
}

/** Two people: one comes late and is lost for six seconds; one switches the camera off, the other's just ends. */
async function conversation(): Promise<TestTrack[]> {
  const mic = async (person: number, hz: number, startS: number): Promise<TestTrack> => {
    const info = opusInfo(person);
    const lost = (index: number) => person === 1 && index >= 500 && index < 800;
    const units = opusUnits(await encodeOpus(speech(hz, SECONDS - startS)));
    return { person, source: 'mic', info, records: journal(units, info, { startS, lost }) };
  };
  const camera = async (person: number): Promise<TestTrack> => {
    const info = videoInfo('video/VP8', 10 + person);
    const records: TestTrack['records'] = journal(await vp8Units({ seconds: 30, size: '320x180' }), info, {
      startS: 2,
    });
    if (person === 0) records.push({ type: 'event', atUs: 32_050_000, event: { kind: 'muted' } });
    return { person, source: 'camera', info, records };
  };
  return [await mic(0, 220, 0), await mic(1, 330, 5), await camera(0), await camera(1)];
}

const LONG_SECONDS = 7200;

/** The same ten seconds, over and over. */
async function longTalk(person: number): Promise<TestTrack> {
  const info = opusInfo(person);
  const packets = await encodeOpus(speech(220 + 110 * person, 10), 1, ['-b:a', '24k']);
  const all = Array.from(
    { length: (LONG_SECONDS - 2) * 50 },
    (_, index) => packets[index % 500] ?? Buffer.alloc(0),
  );
  return { person, source: 'mic', info, records: journal(opusUnits(all), info, { startS: 1 }) };
}

// One story, told in order: each step stands on the one before.
describe('the page of a recording', function () {
  this.timeout(120_000);
  const scene = useStack();
  let database: Database;
  let page: Page;
  let address: string;
  let sessionId: string;

  before(async () => {
    database = openDatabase({ url: scene.stack.databaseUrl, log: createLog('test', 'silent') });
    page = await scene.page();
    const sessionUrl = await hostSession(page, scene.url, {
      email: 'rita@example.org',
      name: 'Rita Host',
      title: 'Moon talk',
    });
    sessionId = sessionUrl.split('/').at(-1) ?? '';
    const recordingId = await finishedRecording(scene.stack, database, {
      sessionId,
      names: ['Rita Host', 'Björn'],
      tracks: await conversation(),
      seconds: SECONDS,
    });
    address = `${scene.url}/recordings/${recordingId}`;
  });
  after(() => database?.close());

  const detail = () =>
    page.evaluate(
      async path => (await fetch(path)).json(),
      address.replace('/recordings', '/api/v1/recordings'),
    );
  /** Both sounds play behind a place, and no further apart than one hears. */
  const inStep = (afterS: number) =>
    page.waitForFunction(
      least => {
        const [first, second] = [...document.querySelectorAll('audio')];
        if (first === undefined || second === undefined || first.paused || second.paused) return false;
        return first.currentTime > least && Math.abs(first.currentTime - second.currentTime) < 0.03;
      },
      { polling: 50 },
      afterS,
    );
  /** Clicks the time axis, so far along. */
  const seek = async (share: number) => {
    const axis = await page.$('.player-ruler .player-surface');
    await axis?.scrollIntoView();
    const box = await axis?.boundingBox();
    if (box == null) throw new Error('there is no time axis');
    await page.mouse.click(box.x + box.width * share, box.y + box.height / 2);
  };
  const heard = () => page.evaluate(() => [...document.querySelectorAll('audio')].map(({ muted }) => !muted));

  it('shows all stems on one axis, with what is missing', async () => {
    await page.goto(address);
    await sees(page, 'All files are ready.', 90_000);
    rest.recordingDetail.parse(await detail());
    await sees(page, 'Listen');
    await sees(page, /What is missing, and why \(\d\)/);
    await page.waitForFunction(
      () =>
        [...document.querySelectorAll<HTMLCanvasElement>('canvas.waveform')].filter(canvas => {
          const pixels = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
          return pixels.some((value, index) => index % 4 === 3 && value > 0);
        }).length === 2,
      { polling: 100 },
    );
    // The certificate is read anew with every stem that is ready: the page may not have the last one yet.
    await page.waitForFunction(
      () =>
        new Set([...document.querySelectorAll('.player-gap')].map(each => each.getAttribute('title')))
          .size === 4,
      { polling: 100 },
    );
    const marks = await page.$$eval('.player-gap', all => all.map(each => each.getAttribute('title')));
    expect([...new Set(marks)].sort()).to.deep.equal([
      'lost on the network',
      'muted or switched off',
      'not there yet',
      'nothing arrived',
    ]);
  });

  it('plays all of them in step, from where one clicks', async () => {
    await press(page, 'Play');
    await page.waitForFunction(
      () => [...document.querySelectorAll('audio')].every(each => !each.paused && each.currentTime > 0.5),
      { polling: 50 },
    );
    await seek(0.6);
    await inStep(SECONDS * 0.6 + 0.2);
    await press(page, 'Pause');
    expect(
      await page.evaluate(() => [...document.querySelectorAll('audio')].every(each => each.paused)),
    ).to.equal(true);
  });

  it('mutes one, or plays one alone', async () => {
    const name = (await detail()).stems[0].name;
    await press(page, `Mute ${name}`);
    expect(await heard()).to.deep.equal([false, true]);
    await press(page, `Mute ${name}`);
    await press(page, `Solo ${name}`);
    expect(await heard()).to.deep.equal([true, false]);
    await press(page, `Solo ${name}`);
    expect(await heard()).to.deep.equal([true, true]);
  });

  it('names places with the mouse and by a key, renames them, goes there, and takes them away', async () => {
    /** Once the page shows these, the server tells them, too. */
    const holds = async (wanted: { name: string; share: number }[]) => {
      await page.waitForFunction(
        names => {
          const titles = [...document.querySelectorAll('.player-marker')].map(mark =>
            mark.getAttribute('title'),
          );
          return JSON.stringify(titles) === names;
        },
        { polling: 50 },
        JSON.stringify(wanted.map(({ name }) => name)),
      );
      const { markers } = await detail();
      expect(markers.map(({ name }: { name: string }) => name)).to.deep.equal(wanted.map(({ name }) => name));
      for (const [index, { share }] of wanted.entries())
        expect(markers[index].atMs).to.be.closeTo(SECONDS * 1000 * share, 300);
    };
    await seek(0.25);
    await fill(page, 'A new marker’s name', 'Moon landing');
    await press(page, 'Mark this place (B)');
    await holds([{ name: 'Moon landing', share: 0.25 }]);

    await seek(0.75);
    await page.focus('button[aria-label="Play"]');
    await page.keyboard.press('b');
    await holds([
      { name: 'Moon landing', share: 0.25 },
      { name: '', share: 0.75 },
    ]);
    await page.focus('.player-seek');
    await page.keyboard.press('b');
    await holds([
      { name: 'Moon landing', share: 0.25 },
      { name: '', share: 0.75 },
      { name: '', share: 0.75 },
    ]);
    await page.locator('button[aria-label^="Remove 00:"]').click();
    await holds([
      { name: 'Moon landing', share: 0.25 },
      { name: '', share: 0.75 },
    ]);

    await page.locator('button[aria-label^="Rename 00:"]').click();
    await page.waitForSelector('.marker-name input:focus');
    await page.keyboard.type('Bob, lunch');
    await page.keyboard.press('Enter');
    await holds([
      { name: 'Moon landing', share: 0.25 },
      { name: 'Bob, lunch', share: 0.75 },
    ]);

    await page.locator('button[aria-label^="Go to 00:"][aria-label$=" Moon landing"]').click();
    await page.waitForFunction(
      () => /^00:(09|10)/.test(document.querySelector('[data-testid="player-time"]')?.textContent ?? ''),
      { polling: 50 },
    );
    await press(page, 'Remove Moon landing');
    await holds([{ name: 'Bob, lunch', share: 0.75 }]);
    const project = (await detail()).projects.find(({ format }: { format: string }) => format === 'rpp');
    expect(await page.evaluate(async path => (await fetch(path)).text(), project.url))
      .to.contain('Bob, lunch')
      .and.not.to.contain('Moon landing');
    await press(page, 'Remove Bob, lunch');
    await holds([]);
  });

  it('has an MP3 and a mix made, and gives them out', async () => {
    const stem = (await detail()).stems[0].name;
    await press(page, `Make MP3 of ${stem}`);
    await press(page, 'Make Mix, −16 LUFS');
    const ready = async () =>
      (await detail()).renders.filter((each: { state: string }) => each.state === 'ready');
    await page.waitForFunction(
      () => [...document.querySelectorAll('a')].filter(({ href }) => href.includes('/renders/')).length === 2,
      { timeout: 60_000, polling: 200 },
    );
    for (const { url, bytes } of await ready()) {
      const length = await page.evaluate(
        async path => (await (await fetch(path)).arrayBuffer()).byteLength,
        url,
      );
      expect(length).to.equal(bytes);
    }
  });

  it('offers projects, and the certificate as a page', async () => {
    const { projects } = await detail();
    expect(projects.map(({ format }: { format: string }) => format)).to.have.members([
      ...['rpp', 'lof', 'labels', 'dawproject', 'fcp7', 'otio', 'sync', 'report'],
    ]);
    const report = projects.find(({ format }: { format: string }) => format === 'report');
    const text = await page.evaluate(async path => (await fetch(path)).text(), report.url);
    expect(text).to.contain('Moon talk').and.to.contain('lost on the network');
    expect(scene.faults).to.deep.equal([]);
  });

  it('is heard and downloaded by a link without an account, until the link is ended', async () => {
    await fill(page, 'For whom', 'Björn, editor');
    await press(page, 'Make the link');
    const shown = await page.locator(named('textbox', 'Link to the recording')).waitHandle();
    const link = await shown.evaluate(input => (input as HTMLInputElement).value);
    const member = page;
    const strangers = await page.browser().createBrowserContext();
    try {
      const stranger = await strangers.newPage();
      stranger.on('pageerror', error => scene.faults.push(String(error)));
      await stranger.goto(link);
      await sees(stranger, 'Shared by Rita Host’s studio');
      await sees(stranger, /What is missing, and why \(\d\)/);
      const offered = await stranger.$$eval('button', all =>
        all.map(each => each.ariaLabel ?? each.innerText.trim()),
      );
      expect(offered.join(' | ')).not.to.match(/Make|Mark|Rename|Remove|Delete|Share/);
      await press(stranger, 'Play');
      await stranger.waitForFunction(
        () => {
          const sounds = [...document.querySelectorAll('audio')];
          return sounds.length === 2 && sounds.every(each => !each.paused && each.currentTime > 0.5);
        },
        { polling: 50 },
      );
      await press(stranger, 'Pause');
      const file = await stranger.$eval('a[download$=".wav"]', each => (each as HTMLAnchorElement).href);
      const statusOf = (url: string) => stranger.evaluate(async at => (await fetch(at)).status, url);
      const samples = await stranger.evaluate(
        async at => (await (await fetch(at)).arrayBuffer()).byteLength,
        file,
      );
      // 24 bits, 48 kHz, mono.
      expect(samples).to.be.greaterThan(SECONDS * 48_000 * 3);

      await member.reload();
      await sees(member, 'opened once');
      await press(member, 'End the link for Björn, editor');
      await member.waitForFunction(() => !document.body.innerText.includes('opened once'));
      expect(await statusOf(file)).to.equal(404);
      await stranger.reload();
      await sees(stranger, 'This link has ended');
      await sees(stranger, 'Ask whoever sent it for a new one.');
    } finally {
      await strangers.close();
    }
    expect(scene.faults).to.deep.equal([]);
  });

  it('fits every screen, light and dark', async () => {
    for (const theme of ['light', 'dark'] as const) {
      await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: theme }]);
      for (const [device, width] of [
        ['desktop', 1280],
        ['phone', 390],
      ] as const) {
        await page.setViewport({ width, height: 900 });
        await page.waitForFunction(() => document.querySelectorAll('canvas.waveform').length === 2);
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        expect(overflow, `${theme} ${device}`).to.be.at.most(0);
      }
    }
  });

  it('plays two hours while their files are being made, at once and from any place', async () => {
    const recordingId = await finishedRecording(scene.stack, database, {
      sessionId,
      names: ['Rita Host', 'Björn'],
      tracks: [await longTalk(0), await longTalk(1)],
      seconds: LONG_SECONDS,
    });
    await page.goto(`${scene.url}/recordings/${recordingId}`);
    await sees(page, 'Making the files. You may leave this page; it goes on.');
    const sources = await page.$$eval('audio', all =>
      all.map(({ src }) => new URL(src).pathname.split('/').at(-1)),
    );
    expect(sources).to.deep.equal(['preview', 'preview']);
    await press(page, 'Play');
    await inStep(0.2);
    for (const share of [0.9, 0.5]) {
      await seek(share);
      await inStep(LONG_SECONDS * share - 60);
    }
    await press(page, 'Pause');
    expect(scene.faults).to.deep.equal([]);
  });

  it('is deleted after a second question, brought back, and deleted again', async () => {
    await page.setViewport({ width: 1280, height: 900 });
    await page.goto(address);
    await press(page, 'Delete…');
    await press(page, 'Keep it');
    await press(page, 'Delete…');
    await press(page, 'Delete it');
    await sees(page, 'will be erased after');
    expect((await page.goto(address))?.status()).to.equal(200);
    await sees(page, 'There is no such recording');
    await page.goto(`${scene.url}/organization/deletions`);
    await page.locator('button[aria-label^="Bring back"]').click();
    await page.waitForFunction(() => document.body.innerText.includes('Nothing was deleted.'));
    await page.goto(address);
    await sees(page, 'Delete this recording');
    expect((await detail()).stems).to.have.lengthOf(4);
  });
});
