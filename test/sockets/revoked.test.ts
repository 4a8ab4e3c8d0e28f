import { audit, inOrganization } from '@cratersync/db';
import type { OrganizationId } from '@cratersync/signaling/protocol';
import { expect } from 'chai';
import { heard, say } from '../support/api.ts';
import { until } from '../support/until.ts';
import { hears, type Person, type Session, Stage } from './stage.ts';

const codeOf = (answer: unknown) => (answer as { error?: { code: string } }).error?.code ?? 'ok';

// The bound of 5 s that the documents give is not measured: nothing here waits for anything but the event itself.
describe('people who have to leave', function () {
  this.timeout(120_000);
  let stage: Stage;
  let session: Session;
  before(async () => {
    stage = await Stage.open();
  });
  after(() => stage?.close());
  beforeEach(async () => {
    session = await stage.session();
  });

  async function listens({ socket }: Person): Promise<string> {
    const made = (await say(socket, 'transport.create', { direction: 'receive' })) as {
      ok: { transportId: string };
    };
    return made.ok.transportId;
  }
  const sees = ({ participantId }: Person) => stage.sfu.carries(session.sessionId, participantId);
  const refusedWith = (credential: string) =>
    stage.sit(credential).then(
      () => 'ok',
      (error: { data?: { code: string } }) => error.data?.code,
    );

  it('are out when their link is revoked, wherever they are, and nobody else is', async () => {
    const { token, invitationId } = await session.link();
    const inside = await session.join(await session.seatBy(token, 'Ada'));
    const connected = await session.connect(await session.seatBy(token, 'Björn'));
    const elsewhere = await session.come('guest', 'Cleo');
    for (const person of [inside, elsewhere]) await listens(person);
    await session.configure({ lobby: true });
    const waiting = await session.join(await session.seatBy(token, 'Dora'));
    const gone = [inside, connected, waiting].map(({ socket }) => heard(socket, 'disconnect'));
    await session.revoke(invitationId);
    for (const person of [inside, connected, waiting])
      expect(await hears(person, 'dismissed')).to.include({ code: 'link_invalid' });
    await Promise.all(gone);
    expect(sees(inside)).to.equal(false);
    for (const { credential } of [inside, connected, waiting])
      expect(await refusedWith(credential)).to.equal('link_invalid');
    expect(sees(elsewhere)).to.equal(true);
    expect(codeOf(await say(elsewhere.socket, 'transport.create', { direction: 'receive' }))).to.equal('ok');
  });

  it('see and hear nothing any more when their link is revoked while signaling is coming back', async () => {
    const { token, invitationId } = await session.link();
    const ada = await session.join(await session.seatBy(token, 'Ada'));
    await listens(ada);
    ada.socket.disconnect();
    const back = new Promise(resolve => stage.sfu.once('announced', resolve));
    await stage.server.crashAndRestart();
    await back;
    expect(sees(ada)).to.equal(true);
    await session.revoke(invitationId);
    // The first to come back brings the room back, and with it the question who else still belongs there.
    const closed = new Promise<void>(resolve => {
      stage.sfu.on('asked', name => {
        if (name === 'peer.close' && !sees(ada)) resolve();
      });
    });
    await session.hostComes();
    await closed;
    expect(await refusedWith(ada.credential)).to.equal('link_invalid');
  });

  it('are out when a host or co-host removes them, and stay out', async () => {
    const carla = await session.come('co-host', 'Carla');
    const ada = await session.come('guest', 'Ada');
    await listens(ada);
    const told = hears(carla, 'participantChanged', body => (body as { state: string }).state === 'left');
    expect(codeOf(await say(carla.socket, 'person.remove', { participantId: ada.participantId }))).to.equal(
      'ok',
    );
    expect(await hears(ada, 'dismissed')).to.include({ code: 'removed' });
    expect(await told).to.include({ participantId: ada.participantId });
    expect(sees(ada)).to.equal(false);
    expect(await refusedWith(ada.credential)).to.equal('removed');
    await stage.server.crashAndRestart();
    expect(await refusedWith(ada.credential)).to.equal('removed');
  });

  it('are never the hosts, who are members', async () => {
    const host = await session.hostComes();
    const carla = await session.come('co-host', 'Carla');
    const answer = await say(carla.socket, 'person.remove', { participantId: host.participantId });
    expect(codeOf(answer)).to.equal('conflict');
  });

  it('cannot do any more what they could while they were co-hosts', async () => {
    const host = await session.hostComes();
    const ada = await session.come('guest', 'Ada');
    const setRole = (role: string) =>
      say(host.socket, 'person.set-role', { participantId: ada.participantId, role });
    await setRole('co-host');
    await hears(ada, 'settingsChanged');
    expect(codeOf(await say(ada.socket, 'session.configure', { lobby: true }))).to.equal('ok');
    await setRole('guest');
    expect(codeOf(await say(ada.socket, 'session.configure', { lobby: false }))).to.equal('forbidden');
    const paul = await session.connect(await session.hostSeat('producer'));
    const answer = await say(host.socket, 'person.set-role', {
      participantId: paul.participantId,
      role: 'co-host',
    });
    expect(codeOf(answer)).to.equal('conflict');
  });

  it('leave a trace in the audit log, with who sent them out', async () => {
    const host = await session.hostComes();
    const carla = await session.come('co-host', 'Carla');
    const ada = await session.come('guest', 'Ada');
    await say(host.socket, 'person.set-role', { participantId: ada.participantId, role: 'co-host' });
    await say(host.socket, 'recording.start', {});
    await say(carla.socket, 'session.configure', { lobby: true });
    await say(carla.socket, 'person.remove', { participantId: ada.participantId });
    await say(carla.socket, 'recording.stop', {});
    await say(host.socket, 'session.end', {});
    const { organization } = (await stage.rita.get('/api/v1/me')).body;
    const entries = await until(async () => {
      const page = (await stage.rita.get('/api/v1/organization/audit')).body;
      return page.entries.some((entry: { action: string }) => entry.action === 'recording.stopped')
        ? page.entries
        : null;
    });
    const newest = entries
      .slice(0, 6)
      .map((entry: Record<string, unknown>) => [entry['action'], entry['actorName']]);
    expect(newest).to.have.deep.members([
      ['session.ended', 'Rita'],
      ['recording.stopped', 'Carla'],
      ['participant.removed', 'Carla'],
      ['session.lobby-switched', 'Carla'],
      ['recording.started', 'Rita'],
      ['participant.role-changed', 'Rita'],
    ]);
    expect(entries[0].address).to.match(/127\.0\.0\.1$/);
    const verdict = await inOrganization(
      stage.server.db.app,
      organization.organizationId as OrganizationId,
      tx => audit.verify(tx),
    );
    expect(verdict.holds).to.equal(true);
  });

  it('have left when they left while they were coming in', async () => {
    const host = await session.hostComes();
    const ada = await session.connect(await session.seatBy((await session.link()).token, 'Ada'));
    const joined = say(ada.socket, 'join', { resume: [] });
    // However far it has come meanwhile, one of these is heard while it is under way, or just after it.
    for (let tries = 0; tries < 20; tries += 1) await say(ada.socket, 'leave', {});
    await joined;
    await say(ada.socket, 'leave', {});
    const gone = (body: unknown) => {
      const { participantId, state } = body as { participantId: string; state: string };
      return participantId === ada.participantId && state === 'left';
    };
    await hears(host, 'participantChanged', gone);
    expect(codeOf(await say(ada.socket, 'transport.create', { direction: 'receive' }))).to.equal(
      'join_first',
    );
  });

  it('are heard no more when they are muted, and told by whom', async () => {
    const host = await session.hostComes();
    const ada = await session.come('guest', 'Ada');
    const made = (await say(ada.socket, 'transport.create', { direction: 'send' })) as {
      ok: { transportId: string };
    };
    const mic = { transportId: made.ok.transportId, source: 'mic', paused: false, rtpParameters: {} };
    await say(ada.socket, 'producer.open', mic);
    await say(host.socket, 'person.mute', { participantId: ada.participantId });
    expect(await hears(ada, 'muted')).to.deep.equal({ by: 'Rita' });
    expect(await hears(host, 'producerChanged')).to.include({
      participantId: ada.participantId,
      paused: true,
    });
    expect(stage.sfu.asked.map(({ name }) => name)).to.include('producer.pause');
  });
});
