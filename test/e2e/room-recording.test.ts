import type { rest } from '@cratersync/signaling/protocol';
import { expect } from 'chai';
import type { Page } from 'puppeteer';
import { amplitudeOf, SAMPLE_RATE_HZ, silences } from '../support/audio.ts';
import { fill, named, press, sees } from '../support/browser.ts';
import {
  certificateOf,
  choose,
  flip,
  hostSession,
  invite,
  joinAsGuest,
  joinAsHost,
  microphoneOf,
  openRecordingPage,
  recordedOn,
  timeRecorded,
} from '../support/people.ts';
import { useStack } from '../support/stack.ts';

/** From the moment before the light comes on to what is found of it on the recording's page. One story, told in order. */
describe('a recording, as the people in the room make it', function () {
  this.timeout(120_000);
  const scene = useStack();
  let host: Page;
  let ada: Page;
  let sam: Page;
  let recording: rest.RecordingDetail;

  before(async () => {
    host = await scene.page({ toneHz: 523 });
    const { url } = scene;
    await hostSession(host, url, { email: 'rita@example.org', name: 'Rita', title: 'Moon talk' });
    const link = await invite(host);
    await joinAsHost(host);
    // A microphone that gives nothing but silence.
    sam = await scene.page({ toneHz: 0 });
    await joinAsGuest(sam, link, 'Sam');
    ada = await scene.page({ toneHz: 784, sharesTab: 'Moon talk' });
    await joinAsGuest(ada, link, 'Ada');
  });

  it('does not begin before the host has seen that nothing is heard of somebody', async () => {
    await host.bringToFront();
    await press(host, 'Check before recording');
    await sees(host, 'The recorder, its store and its keys are ready.');
    for (const name of ['Rita', 'Ada']) await sees(host, new RegExp(`${name} microphone heard · camera`));
    await sees(host, 'nothing heard: have them say something', 30_000);
    await flip(host, 'Slate tone');
    await press(host, 'Not yet');
    await press(host, 'Start recording');
    await sees(host, /Sam nothing heard/);
    await press(host, 'Record anyway');
    await sees(ada, 'Rita starts the recording');
    await press(host, 'Call off');
    await host.locator(named('button', 'Start recording')).wait();
    await sees(host, 'The recording was called off.');
    await press(host, 'Dismiss');
    await ada.waitForFunction(() => !document.body.innerText.includes('Rita starts the recording'));
    expect(await ada.$('[data-testid="recording-time"]')).to.equal(null);
  });

  it('counts down before everybody, and is marked by key and in words by those who are there', async () => {
    await press(sam, 'Leave');
    await host.locator(named('button', 'People (2)')).wait();
    await press(host, 'Start recording');
    await sees(ada, 'Rita starts the recording');
    for (const page of [host, ada]) await page.locator('[data-testid="recording-time"]').wait();
    await timeRecorded(host, 2);
    await host.keyboard.press('b');
    await sees(host, /Marked at 00:0\d/);
    await ada.bringToFront();
    await press(ada, 'Markers');
    await sees(ada, 'Rita');
    await fill(ada, 'Note about this moment', 'Cut the cough');
    await press(ada, 'Note');
    await host.bringToFront();
    await press(host, 'Markers');
    await sees(host, 'Cut the cough');
    await press(host, 'Markers');
  });

  it('goes on while somebody takes another microphone, and shares a screen with its sound', async () => {
    await ada.bringToFront();
    await press(ada, 'Settings');
    const others = await ada.evaluate(async () =>
      (await navigator.mediaDevices.enumerateDevices())
        .filter(({ kind, deviceId }) => kind === 'audioinput' && deviceId !== 'default')
        .map(({ label }) => label),
    );
    await choose(ada, 'Microphone', others.at(-1) ?? '');
    // The list first, then what it stands in: a key that comes too early would close the list alone.
    await ada.waitForFunction(() => document.querySelector('[role="listbox"]') === null);
    await ada.keyboard.press('Escape');
    await ada.waitForFunction(() => document.querySelector('[role="dialog"]') === null);
    await press(ada, 'Share screen');
    await ada.locator(named('button', 'Stop sharing')).wait();
    await host.bringToFront();
    await sees(host, 'Screen of Ada');
    await recordedOn(host, 3);
    await ada.bringToFront();
    await press(ada, 'Stop sharing');
  });

  it('asks whoever closes the page whether they mean it', async () => {
    const asked = new Promise<string>(resolve => {
      ada.once('dialog', dialog => {
        resolve(dialog.type());
        void dialog.dismiss();
      });
    });
    await ada.close({ runBeforeUnload: true });
    expect(await asked).to.equal('beforeunload');
    await ada.locator(named('button', 'Leave')).wait();
  });

  it('is paused before everybody’s eyes, and goes on', async () => {
    await host.bringToFront();
    await press(host, 'Pause recording');
    await sees(ada, 'Paused: nothing is recorded');
    await recordedOn(host, 3);
    await press(host, 'Go on recording');
    await ada.waitForFunction(() => !document.body.innerText.includes('Paused'));
    await recordedOn(host, 2);
    await press(host, 'Stop recording');
    ({ recording } = await openRecordingPage(host));
    expect(scene.faults).to.deep.equal([]);
  });

  it('has what was marked, by whom and when', () => {
    const [mark, note] = recording.markers;
    expect(mark).to.include({ name: '', madeBy: 'Rita' });
    expect(mark?.atMs).to.be.within(1_500, 5_000);
    expect(note).to.include({ name: 'Cut the cough', madeBy: 'Ada' });
    expect(note?.atMs).to.be.greaterThan(mark?.atMs ?? 0);
  });

  it('has the screen and its sound as stems of their own', () => {
    const sources = recording.stems.filter(stem => stem.participantName === 'Ada').map(stem => stem.source);
    expect(sources.toSorted()).to.deep.equal(['camera', 'mic', 'screen', 'screen-audio']);
  });

  it('has a tone at the beginning, nothing while it was paused, and no gap where the microphone was changed', async () => {
    const certificate = await certificateOf(host, recording);
    const mics = certificate.stems.filter(({ name }) => name.includes('mic'));
    const paused = mics.map(({ gaps = [] }) => gaps.filter(({ cause }) => cause === 'paused'));
    for (const gaps of paused) {
      expect(gaps).to.have.length(1);
      expect(((gaps[0]?.endUs ?? 0) - (gaps[0]?.startUs ?? 0)) / 1000).to.be.within(1_500, 8_000);
    }
    const ada = await microphoneOf(host, recording, 'Ada');
    const [gap] = paused[0] ?? [];
    const quiet = silences(ada, 300).filter(span => span.startMs > 1_000);
    expect(quiet).to.have.length(1);
    expect(quiet[0]?.startMs).to.be.closeTo((gap?.startUs ?? 0) / 1000, 300);
    const slate = (from: number) => amplitudeOf(ada.subarray(from, from + SAMPLE_RATE_HZ / 10), 1_000);
    const loudest = Math.max(...Array.from({ length: 15 }, (_, n) => slate((n * SAMPLE_RATE_HZ) / 10)));
    expect(loudest).to.be.greaterThan(0.1);
    expect(slate(5 * SAMPLE_RATE_HZ)).to.be.lessThan(0.01);
  });
});
