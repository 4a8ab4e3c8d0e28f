import { expect } from 'chai';
import type { Page } from 'puppeteer';
import { named, press, sees } from '../support/browser.ts';
import { Nat } from '../support/nat.ts';
import {
  certificateOf,
  hearsMore,
  hostSession,
  invite,
  joinAsGuest,
  joinAsHost,
  microphoneSince,
  openRecordingPage,
  receivesFrom,
  timeRecorded,
} from '../support/people.ts';
import { useStack } from '../support/stack.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';

/** What a guest lives through whose network goes and comes back, while they are recorded. One story, told in order. */
describe('a guest’s network', function () {
  this.timeout(120_000);
  let nat: Nat;
  let web: TcpProxy;
  let host: Page;
  let guest: Page;
  let hostPorts: Set<number>;
  before(async () => {
    nat = await Nat.open();
  });
  const scene = useStack(() => nat.settings);
  after(async () => {
    nat.close();
    await web?.close();
  });

  before(async () => {
    host = await scene.page({ toneHz: 523 });
    await hostSession(host, scene.url, { email: 'rita@example.org', name: 'Rita', title: 'Moon talk' });
    const link = await invite(host);
    await joinAsHost(host);
    await microphoneSince(host);
    hostPorts = nat.ports();
    web = await TcpProxy.open(scene.url);
    guest = await scene.page({
      toneHz: 784,
      leads: { from: new URL(scene.url).host, to: new URL(web.url).host },
    });
    await joinAsGuest(guest, link, 'Ada');
    await receivesFrom(host, 1);
    await receivesFrom(guest, 1);
    await host.bringToFront();
    await press(host, 'Start recording');
    await timeRecorded(host, 3);
  });

  /** Until the guest is heard by the host again, and says themselves that nothing is wrong. */
  async function isBack(sinceMs: number): Promise<void> {
    await hearsMore(host);
    await microphoneSince(guest, sinceMs);
    await receivesFrom(guest, 1);
    await guest.waitForFunction(() => !/Reconnecting|Restoring/.test(document.body.innerText));
    await guest.locator(named('button', 'Leave')).wait();
    await sees(guest, 'Your recording is safe');
  }

  it('comes back by itself after media was cut off for some seconds, and says what it does meanwhile', async () => {
    nat.lose(port => !hostPorts.has(port));
    await sees(guest, /Restoring/);
    await sees(host, /Ada’s microphone sends nothing/);
    nat.lose(() => false);
    await isBack(0);
  });

  it('comes back by itself after everything was gone, the server as well', async () => {
    nat.lose(port => !hostPorts.has(port));
    web.freeze();
    await sees(guest, /Reconnecting/, 60_000);
    await host.waitForFunction(() =>
      /reconnecting/.test(document.querySelector('[role="group"][aria-label="Ada"]')?.textContent ?? ''),
    );
    nat.lose(() => false);
    web.thaw();
    await isBack(0);
  });

  it('may change, as from Wi-Fi to the telephone’s, with no need for anybody to do anything', async () => {
    nat.remap();
    await isBack(0);
  });

  it('was never asked to reload, and left one microphone and one camera, with the holes told of', async () => {
    await press(host, 'Stop recording');
    const { recording } = await openRecordingPage(host);
    const ada = recording.stems.filter(({ participantName }) => participantName === 'Ada');
    expect(ada.map(({ source }) => source)).to.have.members(['mic', 'camera']);
    const mic = ada.find(({ source }) => source === 'mic');
    expect(mic?.state).to.equal('ready');
    const { stems } = await certificateOf(host, recording);
    const gaps = stems.find(({ name }) => name === mic?.name)?.gaps ?? [];
    expect(gaps.map(({ cause }) => cause)).to.include('network-loss');
    expect(scene.faults).to.deep.equal([]);
  });
});
