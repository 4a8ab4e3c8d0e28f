import type { Countdown, RecordingView, RoomView, rest } from '@cratersync/signaling/protocol';
import { expect } from 'chai';
import { say, type Told } from '../support/api.ts';
import { forget, hears, type Person, Stage } from './stage.ts';

const asks = <T>(person: Person, command: string, body: object = {}) =>
  say(person.socket, command, body) as Promise<Told<T>>;

describe('a recording, from the room', function () {
  this.timeout(60_000);
  let stage: Stage;
  before(async () => {
    stage = await Stage.open();
  });
  after(() => stage?.close());

  it('counts down before everybody’s eyes, and is called off by any host or co-host', async () => {
    const session = await stage.session();
    const host = await session.hostComes();
    const cohost = await session.come('co-host', 'Carla');
    const guest = await session.come('guest', 'Grace');
    const begun = asks<RecordingView>(host, 'recording.start', { countdownMs: 10_000 });
    const shown = (await hears(guest, 'countdownChanged')) as { countdown: Countdown };
    expect(shown.countdown.by).to.equal('Rita');
    expect(shown.countdown.leftMs).to.be.within(9_000, 10_000);
    const late = (await asks<RoomView>(await session.come('guest', 'Larry'), 'join', { resume: [] })).ok;
    expect(late?.countdown?.leftMs).to.be.within(1_000, 10_000);
    await asks(cohost, 'recording.call-off');
    expect((await begun).error?.message).to.equal('The recording was called off.');
    await hears(guest, 'countdownChanged', body => (body as { countdown: unknown }).countdown === null);
    expect(guest.heard.map(([event]) => event)).not.to.include('recordingChanged');
    const next = await asks<RecordingView>(host, 'recording.start', { countdownMs: 50 });
    expect(next.ok?.state).to.equal('recording');
    for (const countdownMs of [-1, 10_001, 0.5, 'soon'])
      expect((await asks(host, 'recording.start', { countdownMs })).error?.code).to.equal('bad_request');
  });

  it('is paused and resumed for all to see, which stands in the audit log', async () => {
    const session = await stage.session();
    const host = await session.hostComes();
    const guest = await session.come('guest', 'Grace');
    expect((await asks(host, 'recording.pause')).error?.code).to.equal('conflict');
    await asks(host, 'recording.start');
    await asks(host, 'recording.pause');
    await hears(guest, 'recordingChanged', body => (body as RecordingView).isPaused);
    forget(guest);
    await asks(host, 'recording.resume');
    await hears(guest, 'recordingChanged', body => !(body as RecordingView).isPaused);
    const actions = await auditedUntil(session, 'recording.resumed');
    expect(actions).to.include('recording.paused');
  });

  it('is marked by whoever is there, with their name and when; only they or a host say otherwise', async () => {
    const session = await stage.session();
    const host = await session.hostComes();
    const guest = await session.come('guest', 'Grace');
    const producer = await session.come('producer', 'Paul');
    expect((await asks(guest, 'marker.add', { name: 'Too soon' })).error?.code).to.equal('conflict');
    const { ok: recording } = await asks<RecordingView>(host, 'recording.start');
    const { ok: marker } = await asks<rest.Marker>(guest, 'marker.add', { name: '' });
    expect(marker).to.include({ name: '', madeBy: 'Grace' });
    expect(await hears(producer, 'markerChanged')).to.deep.equal(marker);
    const rename = (person: Person, name: string) =>
      asks<rest.Marker>(person, 'marker.rename', { markerId: marker?.markerId, name });
    expect((await rename(producer, 'Mine')).error?.code).to.equal('forbidden');
    expect((await rename(guest, 'The joke')).ok?.name).to.equal('The joke');
    expect((await rename(host, 'The good joke')).ok?.name).to.equal('The good joke');
    const { ok: view } = await asks<RoomView>(producer, 'join', { resume: [] });
    const expected = { ...marker, name: 'The good joke' };
    expect(view?.markers).to.deep.equal([expected]);
    const { ok: earlier } = await asks<rest.Marker>(producer, 'marker.add', {
      name: 'Before',
      agoMs: 600_000,
    });
    expect(earlier?.atMs).to.equal(0);
    await asks(producer, 'marker.add', { name: 'x'.repeat(201) }).then(({ error }) =>
      expect(error?.code).to.equal('bad_request'),
    );
    // The page of the recording has it, and so have its projects.
    const path = `/api/v1/recordings/${recording?.recordingId}`;
    for (;;) {
      const { markers } = (await session.host.get(path)).body as rest.RecordingDetail;
      if (markers.length < 2) continue;
      expect(markers.slice(1)).to.deep.equal([{ ...expected, atMs: Math.round(expected.atMs ?? 0) }]);
      break;
    }
  });

  it('has no more markers than a page can show, and not many at once', async () => {
    const session = await stage.session();
    const host = await session.hostComes();
    await asks(host, 'recording.start');
    const answers = await Promise.all(
      Array.from({ length: 12 }, () => asks<rest.Marker>(host, 'marker.add', { name: '' })),
    );
    expect(answers.at(-1)?.error?.message).to.match(/Too many markers/);
  });
});

async function auditedUntil(
  session: Awaited<ReturnType<Stage['session']>>,
  action: string,
): Promise<string[]> {
  for (;;) {
    const { body } = await session.host.get('/api/v1/organization/audit');
    const actions = (body.entries as { action: string }[]).map(entry => entry.action);
    if (actions.includes(action)) return actions;
  }
}
