import { commandRoles, type rest } from '@cratersync/signaling/protocol';
import { expect } from 'chai';
import type { Socket } from 'socket.io-client';
import { ApiClient, heard, say, sitDown } from '../support/api.ts';
import { useStack } from '../support/stack.ts';

describe('what a room answers to those who ask wrongly', function () {
  this.timeout(60_000);
  const scene = useStack();
  let api: ApiClient;
  let token: string;
  let sessionId: string;
  let hostSeat: rest.Seat;
  let guestSeat: rest.Seat;
  const sockets: Socket[] = [];

  const enter = async (seat: { credential: unknown }) => {
    const socket = sitDown(scene.url, seat);
    sockets.push(socket);
    await Promise.race([
      heard(socket, 'connect'),
      heard(socket, 'connect_error').then(error => Promise.reject(error)),
    ]);
    return socket;
  };

  before(async () => {
    api = await ApiClient.signedIn(scene.url, 'host@example.org', 'Rita');
    ({ sessionId, token } = await api.session('Moon talk'));
    hostSeat = await api.hostSeat(sessionId);
    guestSeat = await api.guestSeat(token, 'Ada');
  });

  after(() => {
    for (const socket of sockets) socket.disconnect();
  });

  it('refuses a connection without a good credential, in words', async () => {
    for (const credential of [undefined, '', 'x'.repeat(43), 'x'.repeat(5000), { secret: true }, 42]) {
      const refused = await enter({ credential }).catch((error: Error & { data?: unknown }) => error);
      expect(refused).to.be.instanceOf(Error);
      expect(refused).to.have.nested.property('data.code', 'credential_invalid');
    }
  });

  it('refuses every command before joining, and a guest what only hosts may do', async () => {
    const guest = await enter(guestSeat);
    for (const command of Object.keys(commandRoles)) {
      if (command === 'join') continue;
      const answer = await say(guest, command, {});
      expect(answer, command).to.have.property('error');
    }
    expect(await say(guest, 'join', { resume: [] })).to.have.nested.property('ok.title', 'Moon talk');
    for (const command of ['recording.start', 'recording.stop']) {
      const answer = await say(guest, command, {});
      expect(answer).to.have.nested.property('error.code', 'forbidden');
      expect(answer).to.have.nested.property('error.message').that.includes('Only a host or co-host');
    }
  });

  it('answers a wrong shape and an unknown command with what is wrong, and goes on', async () => {
    const guest = await enter(guestSeat);
    await say(guest, 'join', { resume: [] });
    const wrong: [string, unknown, string][] = [
      ['producer.pause', {}, 'bad_request'],
      ['producer.pause', null, 'bad_request'],
      ['producer.pause', { producerId: 'x', extra: 1 }, 'bad_request'],
      ['producer.pause', { producerId: 'x' }, 'not_found'],
      ['transport.create', { direction: 'sideways' }, 'bad_request'],
      ['transport.connect', { transportId: 'x', dtlsParameters: {} }, 'not_found'],
      ['consumer.open', { transportId: 'x', producerId: 'x', rtpCapabilities: {} }, 'not_found'],
      ['open.the.pod.bay.doors', {}, 'unknown_command'],
      ['constructor', {}, 'unknown_command'],
    ];
    for (const [command, body, code] of wrong)
      expect(await say(guest, command, body), command).to.have.nested.property('error.code', code);
    expect(await say(guest, 'join', { resume: [] })).to.have.property('ok');
  });

  it('cuts a connection off that sends a megabyte; the others notice nothing', async () => {
    const host = await enter(hostSeat);
    await say(host, 'join', { resume: [] });
    const guest = await enter(guestSeat);
    const cut = heard(guest, 'disconnect');
    guest.emit('join', { resume: ['x'.repeat(1 << 20)] }, () => {});
    await cut;
    expect(await say(host, 'transport.create', { direction: 'send' })).to.have.property('ok');
    const again = await enter(guestSeat);
    expect(await say(again, 'join', { resume: [] })).to.have.property('ok');
  });

  it('tells the older of two tabs that the newer one has the seat', async () => {
    const older = await enter(guestSeat);
    await say(older, 'join', { resume: [] });
    const dismissed = heard(older, 'dismissed');
    const newer = await enter(guestSeat);
    await say(newer, 'join', { resume: [] });
    expect(await dismissed).to.have.property('code', 'replaced_by_newer_tab');
    expect(await say(newer, 'transport.create', { direction: 'receive' })).to.have.property('ok');
  });

  it('sends people away whose invitation is revoked, and lets nobody in by it', async () => {
    const guest = await enter(guestSeat);
    await say(guest, 'join', { resume: [] });
    const detail = (await api.call('GET', `/sessions/${sessionId}`)) as rest.SessionDetail;
    const dismissed = heard(guest, 'dismissed');
    await api.call('DELETE', `/sessions/${sessionId}/invitations/${detail.invitations[0]?.invitationId}`);
    expect(await dismissed).to.have.property('code', 'link_invalid');
    const refused = await api.guestSeat(token, 'Ada').catch((error: Error) => error.message);
    expect(refused).to.include('link_invalid');
    const back = await enter(guestSeat).catch((error: Error) => error);
    expect(back).to.have.nested.property('data.code', 'link_invalid');
  });
});
