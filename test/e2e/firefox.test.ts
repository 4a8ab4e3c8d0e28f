import { expect } from 'chai';
import type { Page } from 'puppeteer';
import { amplitudeOf, SAMPLE_RATE_HZ } from '../support/audio.ts';
import { FIREFOX_TONE_HZ, press, sees } from '../support/browser.ts';
import {
  hostSession,
  invite,
  joinAsGuest,
  joinAsHost,
  microphoneOf,
  openRecordingPage,
  receivesFrom,
  timeRecorded,
} from '../support/people.ts';
import { useStack } from '../support/stack.ts';

/** One story, told in order. */
describe('a guest with Firefox', function () {
  this.timeout(120_000);
  const scene = useStack();
  let host: Page;
  let guest: Page;

  before(async () => {
    host = await scene.page({ toneHz: 784 });
    await hostSession(host, scene.url, { email: 'rita@example.org', name: 'Rita', title: 'Moon talk' });
    const link = await invite(host);
    await joinAsHost(host);
    guest = await scene.firefoxPage();
    await joinAsGuest(guest, link, 'Fern');
  });

  it('sees and hears the others, and is seen and heard by them', async () => {
    await receivesFrom(host, 1);
    await receivesFrom(guest, 1);
  });

  it('is recorded, with sound and picture', async () => {
    await host.bringToFront();
    await press(host, 'Start recording');
    await sees(guest, 'Recording');
    await timeRecorded(host, 5);
    await press(host, 'Stop recording');
    const { recording } = await openRecordingPage(host);
    const sources = recording.stems.filter(stem => stem.participantName === 'Fern').map(stem => stem.source);
    expect(sources).to.have.members(['mic', 'camera']);
    for (const { state } of recording.stems) expect(state).to.equal('ready');
    const heard = await microphoneOf(host, recording, 'Fern');
    const middle = heard.subarray(2 * SAMPLE_RATE_HZ, 4 * SAMPLE_RATE_HZ);
    const power = middle.reduce((sum, sample) => sum + sample ** 2, 0) / middle.length;
    expect(power).to.be.above(1e-4);
    // Nothing but its tone: no noise, no hole, nobody else.
    expect(amplitudeOf(middle, FIREFOX_TONE_HZ) ** 2 / 2 / power).to.be.above(0.9);
  });

  it('has met no fault in any page', () => {
    expect(scene.faults).to.deep.equal([]);
  });
});
