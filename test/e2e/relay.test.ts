import { expect } from 'chai';
import type { Page } from 'puppeteer';
import { loudnessOf } from '../support/audio.ts';
import { press, sees } from '../support/browser.ts';
import { Nat } from '../support/nat.ts';
import {
  hearsMore,
  hostSession,
  invite,
  joinAsGuest,
  leaveSoundAlone,
  microphoneOf,
  openRecordingPage,
  receivesFrom,
  timeRecorded,
} from '../support/people.ts';
import { useStack } from '../support/stack.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';
import { TurnServer } from '../support/turn-server.ts';
import { until } from '../support/until.ts';

/** A guest whose network lets no UDP out, and no TCP to the SFU (the NAT passes UDP alone). One story, told in order. */
describe('a guest who gets out by a relay only', function () {
  this.timeout(90_000);
  let nat: Nat;
  let relay: TurnServer;
  let host: Page;
  let guest: Page;
  let link: string;
  let web: TcpProxy;
  before(async () => {
    nat = await Nat.open();
    relay = await TurnServer.start(nat.settings['RTC_ANNOUNCED_ADDRESS'] ?? '');
  });
  const scene = useStack(() => ({ ...nat.settings, ...relay.settings }));
  after(async () => {
    nat.close();
    await web?.close();
    await relay?.close();
  });

  before(async () => {
    // One camera less to render.
    host = await scene.page({ toneHz: 523, hasCamera: false });
    await hostSession(host, scene.url, { email: 'rita@example.org', name: 'Rita', title: 'Moon talk' });
    link = await invite(host);
    await press(host, 'Enter the studio', 'link');
    await sees(host, 'You join with sound only.');
    await leaveSoundAlone(host);
    await press(host, 'Join');
    web = await TcpProxy.open(scene.url);
    const leads = { from: new URL(scene.url).host, to: new URL(web.url).host };
    guest = await scene.page({ toneHz: 784, hasUdp: false, leads });
  });

  it('is told so in the green room', async () => {
    await guest.goto(link);
    await sees(guest, /a relay \(TURN\) is used.* About [\d.]+ Mbit\/s upwards/, 30_000);
  });

  it('is seen and heard, and hears', async () => {
    await joinAsGuest(guest, link, 'Ada');
    await Promise.all([receivesFrom(host, 1), hearsMore(guest)]);
    expect([...nat.ports()].filter(TurnServer.relaysFrom)).to.not.be.empty;
  });

  it('looks for the way anew with a credential of this moment, after the server was out of reach', async () => {
    const before = new Set(relay.users);
    web.onAnswer = () => {
      web.onAnswer = () => 'pass';
      return 'cut';
    };
    await press(host, 'Raise hand');
    await until(async () => [...relay.users].some(user => !before.has(user)));
    await hearsMore(host);
  });

  it('is recorded', async () => {
    await host.bringToFront();
    await press(host, 'Start recording');
    await timeRecorded(host, 2);
    await press(host, 'Stop recording');
    const { recording } = await openRecordingPage(host);
    const sources = recording.stems.filter(stem => stem.participantName === 'Ada').map(stem => stem.source);
    expect(sources).to.have.members(['mic', 'camera']);
    const voice = await microphoneOf(host, recording, 'Ada');
    expect(loudnessOf(voice, 784)).to.be.above(0.02);
    expect(scene.faults).to.deep.equal([]);
  });
});
