import { expect } from 'chai';
import { heard, say } from '../support/api.ts';
import { until } from '../support/until.ts';
import { forget, hears, type Person, type Session, Stage } from './stage.ts';

const code = (answer: unknown) => (answer as { error?: { code: string } }).error?.code ?? 'ok';
const join = (person: Person) => say(person.socket, 'join', { resume: [] });
const isWaiting = (answer: unknown) => (answer as { ok?: { waiting?: unknown } }).ok?.waiting === true;
const namesOf = (body: unknown) =>
  (body as { waiting: { displayName: string }[] }).waiting.map(({ displayName }) => displayName).join();

describe('the lobby of a session', function () {
  this.timeout(120_000);
  let stage: Stage;
  let session: Session;
  before(async () => {
    stage = await Stage.open();
  });
  after(() => stage?.close());
  beforeEach(async () => {
    session = await stage.session();
    await session.configure({ lobby: true });
  });

  const knocks = (leader: Person, names: string) =>
    hears(leader, 'lobbyChanged', body => namesOf(body) === names);

  it('has guests wait while the host is away, and shows the host who knocks', async () => {
    const ada = await session.come('guest', 'Ada');
    expect(await join(ada)).to.have.nested.property('ok.hostIsHere', false);
    const host = await session.connect(await session.hostSeat());
    const view = (await join(host)) as { ok: { waiting: unknown[]; settings: unknown } };
    expect(view.ok.waiting).to.deep.equal([
      { participantId: ada.participantId, displayName: 'Ada', role: 'guest' },
    ]);
    expect(view.ok.settings).to.deep.equal({ lobby: true, locked: false });
    await hears(ada, 'hostPresenceChanged', body => (body as { hostIsHere: boolean }).hostIsHere);
    const paul = await session.come('producer', 'Paul');
    await knocks(host, 'Ada,Paul');
    paul.socket.disconnect();
    await hears(host, 'lobbyChanged', body => namesOf(body) === 'Ada');
  });

  it('lets in whom the host admits, one or all; who comes back does not knock again, also after a crash', async () => {
    const host = await session.hostComes();
    const people = [];
    for (const name of ['Ada', 'Björn', 'Cleo']) people.push(await session.come('guest', name));
    const [ada, björn, cleo] = people as [Person, Person, Person];
    const admit = (...who: Person[]) =>
      say(host.socket, 'lobby.admit', { participantIds: who.map(each => each.participantId) });
    await admit(ada);
    await hears(ada, 'admitted');
    expect(isWaiting(await join(ada))).to.equal(false);
    expect(björn.heard.map(([event]) => event)).not.to.include('admitted');
    await admit(björn, cleo, ada);
    await Promise.all([hears(björn, 'admitted'), hears(cleo, 'admitted')]);

    ada.socket.disconnect();
    await stage.server.crashAndRestart();
    for (const { credential } of [ada, björn]) {
      const socket = await stage.sit(credential);
      expect(isWaiting(await say(socket, 'join', { resume: [] }))).to.equal(false);
    }
  });

  it('turns away whom the host denies, in words; they may knock again', async () => {
    const host = await session.hostComes();
    const ada = await session.come('guest', 'Ada');
    const cut = heard(ada.socket, 'disconnect');
    await say(host.socket, 'lobby.deny', { participantIds: [ada.participantId] });
    expect(await hears(ada, 'dismissed')).to.include({ code: 'not_admitted' });
    await cut;
    const again = await stage.sit(ada.credential);
    expect(isWaiting(await say(again, 'join', { resume: [] }))).to.equal(true);
  });

  it('lets in everybody who waits when it is switched off, by whichever way', async () => {
    const host = await session.hostComes();
    for (const switchOff of [
      () => say(host.socket, 'session.configure', { lobby: false }),
      () => session.configure({ lobby: false }),
    ]) {
      await session.configure({ lobby: true });
      const ada = await session.come('guest', 'Ada');
      forget(host);
      await switchOff();
      await hears(ada, 'admitted');
      expect(isWaiting(await join(ada))).to.equal(false);
      await hears(host, 'settingsChanged', body => (body as { lobby: boolean }).lobby === false);
    }
  });

  it('is for co-hosts to keep, too, and nobody of them waits in it', async () => {
    const carla = await session.come('co-host', 'Carla');
    const ada = await session.come('guest', 'Ada');
    await knocks(carla, 'Ada');
    await say(carla.socket, 'lobby.admit', { participantIds: [ada.participantId] });
    await hears(ada, 'admitted');
  });

  it('lets nobody new in while the room is locked, and whoever was inside come back', async () => {
    const host = await session.hostComes();
    await say(host.socket, 'session.configure', { lobby: false });
    const ada = await session.come('guest', 'Ada');
    await say(host.socket, 'session.configure', { locked: true });
    const late = await session.connect(await session.seatBy((await session.link('co-host')).token, 'Late'));
    expect(code(await join(late))).to.equal('session_locked');
    await say(ada.socket, 'leave', {});
    expect(code(await join(ada))).to.equal('ok');
  });

  it('is empty for everybody once the host has ended the session, until a host opens it again', async () => {
    const host = await session.hostComes();
    const carla = await session.come('co-host', 'Carla');
    const ada = await session.come('guest', 'Ada');
    await say(host.socket, 'recording.start', {});
    expect(await say(host.socket, 'session.end', {})).to.deep.equal({ ok: null });
    for (const person of [carla, ada])
      expect(await hears(person, 'dismissed')).to.include({ code: 'session_ended' });
    expect(await hears(host, 'recordingChanged', body => (body as { state: string }).state === 'draining')).to
      .exist;
    await say(host.socket, 'leave', {});
    const back = await session.connect(carla);
    expect(code(await join(back))).to.equal('session_ended');
    await session.hostComes();
    const again = await stage.sit(carla.credential);
    // That a host has opened it again is written down after they have come in.
    await until(async () => code(await say(again, 'join', { resume: [] })) === 'ok');
  });
});
