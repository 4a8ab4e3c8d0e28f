import {
  lobbyEvents,
  type RoomCommand,
  type RoomEvent,
  roomCommands,
  roomEvents,
} from '@cratersync/signaling/protocol';
import { expect } from 'chai';
import { say } from '../support/api.ts';
import { RawSocket } from '../support/raw-socket.ts';
import { hears, type Person, type Session, Stage } from './stage.ts';

const people = [
  'host',
  'co-host',
  'guest',
  'producer',
  'in the lobby',
  'session ended',
  'other session',
] as const;
type Who = (typeof people)[number];

/**
 * What each command is answered: `ok`, or the code of the error. Whoever is called `other session` hosts another
 * organization's, and sends the ids of this one.
 */
const answers: Record<RoomCommand, readonly [string, string, string, string, string, string, string]> = {
  //                        host        co-host      guest        producer     in the lobby     session ended    other session
  join: ['ok', 'ok', 'ok', 'ok', 'ok', 'session_ended', 'ok'],
  'transport.create': ['ok', 'ok', 'ok', 'ok', 'wait_for_host', 'join_first', 'ok'],
  'transport.connect': ['ok', 'ok', 'ok', 'ok', 'wait_for_host', 'join_first', 'not_found'],
  'transport.restart-ice': ['ok', 'ok', 'ok', 'ok', 'wait_for_host', 'join_first', 'not_found'],
  'producer.open': ['ok', 'ok', 'ok', 'forbidden', 'wait_for_host', 'join_first', 'not_found'],
  'producer.pause': ['ok', 'ok', 'ok', 'forbidden', 'wait_for_host', 'join_first', 'not_found'],
  'producer.resume': ['ok', 'ok', 'ok', 'forbidden', 'wait_for_host', 'join_first', 'not_found'],
  'producer.close': ['ok', 'ok', 'ok', 'forbidden', 'wait_for_host', 'join_first', 'not_found'],
  'consumer.open': ['ok', 'ok', 'ok', 'ok', 'wait_for_host', 'join_first', 'not_found'],
  'consumer.resume': ['ok', 'ok', 'ok', 'ok', 'wait_for_host', 'join_first', 'not_found'],
  'consumer.prefer': ['ok', 'ok', 'ok', 'ok', 'wait_for_host', 'join_first', 'not_found'],
  'recording.start': ['ok', 'ok', 'forbidden', 'forbidden', 'forbidden', 'forbidden', 'ok'],
  'recording.check': ['ok', 'ok', 'forbidden', 'forbidden', 'forbidden', 'forbidden', 'ok'],
  'recording.call-off': ['ok', 'ok', 'forbidden', 'forbidden', 'forbidden', 'forbidden', 'ok'],
  'recording.pause': ['ok', 'ok', 'forbidden', 'forbidden', 'forbidden', 'forbidden', 'ok'],
  'recording.resume': ['ok', 'ok', 'forbidden', 'forbidden', 'forbidden', 'forbidden', 'ok'],
  'marker.add': ['ok', 'ok', 'ok', 'ok', 'wait_for_host', 'join_first', 'ok'],
  'marker.rename': ['ok', 'ok', 'ok', 'ok', 'wait_for_host', 'join_first', 'not_found'],
  'recording.stop': ['ok', 'ok', 'forbidden', 'forbidden', 'forbidden', 'forbidden', 'ok'],
  'hand.raise': ['ok', 'ok', 'ok', 'ok', 'wait_for_host', 'join_first', 'ok'],
  'hand.lower': ['ok', 'ok', 'ok', 'ok', 'wait_for_host', 'join_first', 'ok'],
  'condition.report': ['ok', 'ok', 'ok', 'ok', 'wait_for_host', 'join_first', 'ok'],
  'chat.send': ['ok', 'ok', 'ok', 'ok', 'wait_for_host', 'join_first', 'ok'],
  'conversation.give-back': ['ok', 'ok', 'ok', 'ok', 'wait_for_host', 'join_first', 'ok'],
  'person.lower-hand': ['ok', 'ok', 'forbidden', 'forbidden', 'forbidden', 'forbidden', 'not_found'],
  'person.mute': ['ok', 'ok', 'forbidden', 'forbidden', 'forbidden', 'forbidden', 'not_found'],
  'person.set-role': ['ok', 'forbidden', 'forbidden', 'forbidden', 'forbidden', 'forbidden', 'not_found'],
  'person.remove': ['ok', 'ok', 'forbidden', 'forbidden', 'forbidden', 'forbidden', 'not_found'],
  'lobby.admit': ['ok', 'ok', 'forbidden', 'forbidden', 'forbidden', 'forbidden', 'ok'],
  'lobby.deny': ['ok', 'ok', 'forbidden', 'forbidden', 'forbidden', 'forbidden', 'ok'],
  'session.configure': ['ok', 'ok', 'forbidden', 'forbidden', 'forbidden', 'forbidden', 'ok'],
  'session.end': ['ok', 'forbidden', 'forbidden', 'forbidden', 'forbidden', 'forbidden', 'ok'],
  leave: ['ok', 'ok', 'ok', 'ok', 'ok', 'join_first', 'ok'],
};
/** Whom each event can reach: host, co-host, guest, producer, and whoever waits in the lobby. */
const audiences: Record<RoomEvent, string> = {
  participantChanged: 'HCGP',
  chatSaid: 'HCGP',
  producerOpened: 'HCGP',
  producerChanged: 'HCGP',
  producerClosed: 'HCGP',
  recordingChanged: 'HCGP',
  recordingProgress: 'HCGP',
  countdownChanged: 'HCGP',
  slateCalled: 'HCGP',
  markerChanged: 'HCGP',
  lobbyChanged: 'HC',
  settingsChanged: 'HC',
  muted: 'G',
  hostPresenceChanged: 'L',
  admitted: 'L',
  mediaLost: 'HCGP',
  dismissed: 'GL',
};
const commands = Object.keys(roomCommands) as RoomCommand[];

/** Ids of the session under test, its own or, for whoever asks from elsewhere, foreign. */
interface Ids {
  transportId: string;
  producerId: string;
  consumerId: string;
  /** Somebody who may be muted, moved and removed; somebody who waits. */
  victim: string;
  waiting: string;
  markerId: string;
}

const bodies = (ids: Ids): Record<RoomCommand, unknown> => {
  const { transportId, producerId, consumerId, victim, waiting } = ids;
  return {
    join: { resume: [] },
    'transport.create': { direction: 'receive' },
    'transport.connect': { transportId, dtlsParameters: {} },
    'transport.restart-ice': { transportId },
    'producer.open': { transportId, source: 'mic', paused: false, rtpParameters: {} },
    'producer.pause': { producerId },
    'producer.resume': { producerId },
    'producer.close': { producerId },
    'consumer.open': { transportId, producerId: ids.producerId, rtpCapabilities: {} },
    'consumer.resume': { consumerId },
    'consumer.prefer': { consumerId, layer: 1 },
    'recording.check': {},
    'recording.start': {},
    'recording.call-off': {},
    'recording.pause': {},
    'recording.resume': {},
    'marker.add': { name: 'Here' },
    'marker.rename': { markerId: ids.markerId, name: 'There' },
    'recording.stop': {},
    'hand.raise': {},
    'hand.lower': {},
    'condition.report': { connection: 'poor', reason: 'loss', isClipping: true },
    'chat.send': { text: 'Hello' },
    'conversation.give-back': { messages: [], hand: null },
    'person.lower-hand': { participantId: victim },
    'person.mute': { participantId: victim },
    'person.remove': { participantId: victim },
    'person.set-role': { participantId: victim, role: 'co-host' },
    'lobby.admit': { participantIds: [waiting] },
    'lobby.deny': { participantIds: [waiting] },
    'session.configure': { locked: false },
    'session.end': {},
    leave: {},
  };
};

const codeOf = (answer: unknown): string => {
  const { error } = answer as { error?: { code: string } };
  return error === undefined ? 'ok' : error.code;
};

describe('who may say what in a room', function () {
  this.timeout(120_000);
  let stage: Stage;
  before(async () => {
    stage = await Stage.open();
  });
  after(() => stage?.close());

  /** A session in which somebody speaks, somebody waits, and somebody is there to be acted on. */
  async function scene() {
    const session = await stage.session();
    const host = await session.hostComes();
    const speaker = await session.come('guest', 'Grace');
    const ids = { ...(await speaks(speaker)), consumerId: 'consumer-of-nobody' };
    const victim = await session.come('guest', 'Victor');
    await session.configure({ lobby: true });
    const waiting = await session.come('guest', 'Wanda');
    return {
      session,
      host,
      victim,
      waiting,
      ids: {
        ...ids,
        victim: victim.participantId,
        waiting: waiting.participantId,
        markerId: '00000000-0000-4000-8000-000000000000',
      },
    };
  }

  async function speaks({ socket }: Person) {
    const made = (await say(socket, 'transport.create', { direction: 'send' })) as {
      ok: { transportId: string };
    };
    const { transportId } = made.ok;
    const body = { transportId, source: 'mic', paused: false, rtpParameters: {} };
    const opened = (await say(socket, 'producer.open', body)) as { ok: { producerId: string } };
    return { transportId, producerId: opened.ok.producerId };
  }

  async function personFor(who: Who, session: Session, host: Person): Promise<Person> {
    switch (who) {
      case 'host':
        return host;
      case 'co-host':
      case 'guest':
      case 'producer': {
        // Before there was a lobby, so to say.
        await session.configure({ lobby: false });
        const person = await session.come(who, 'Ada');
        await session.configure({ lobby: true });
        return person;
      }
      case 'in the lobby':
        return session.come('guest', 'Ada');
      case 'session ended': {
        await say(host.socket, 'session.end', {});
        return session.connect(await session.seatBy((await session.link()).token, 'Ada'));
      }
      case 'other session': {
        const eve = await stage.server.host('eve@example.org', 'Eve');
        return (await stage.session(eve, 'Sun talk')).hostComes();
      }
    }
  }

  it('is stated for every command there is', () => {
    expect(Object.keys(answers).toSorted()).to.deep.equal(commands.toSorted());
  });

  for (const [column, who] of people.entries()) {
    it(`answers whoever is “${who}” as stated`, async () => {
      const { session, host, victim, waiting, ids } = await scene();
      await say(host.socket, 'recording.start', {});
      const person = await personFor(who, session, host);
      const own = { ...ids };
      const said: Record<string, string> = {};
      for (const command of commands) {
        const body = command === 'consumer.open' ? bodies(ids)[command] : bodies(own)[command];
        const withOwn =
          command === 'consumer.open' ? { ...(body as object), transportId: own.transportId } : body;
        const answer = await say(person.socket, command, withOwn);
        said[command] = codeOf(answer);
        const { ok } = answer as { ok?: Record<string, string> | null };
        // What they were given is what they use from now on; of another session, they try what is not theirs.
        if (who !== 'other session' && ok !== null)
          for (const name of ['transportId', 'producerId', 'consumerId', 'markerId'] as const)
            own[name] = ok?.[name] ?? own[name];
      }
      expect(said).to.deep.equal(
        Object.fromEntries(commands.map(command => [command, answers[command][column] ?? 'not stated'])),
      );
      if (who === 'other session') {
        // Nothing happened here of what was done there.
        expect(waiting.heard).to.deep.equal([]);
        expect(victim.heard.map(([event]) => event)).not.to.include.members(['muted', 'dismissed']);
        const { body } = await session.host.get(`/api/v1/sessions/${session.sessionId}`);
        expect(body).to.include({ state: 'live', lobby: true, locked: false });
      }
    });
  }

  it('lets a producer make no transport to send by', async () => {
    const session = await stage.session();
    const producer = await session.come('producer', 'Paul');
    expect(codeOf(await say(producer.socket, 'transport.create', { direction: 'send' }))).to.equal(
      'forbidden',
    );
  });

  it('tells each role what is stated for it, and no more', async () => {
    const { session, host, victim, waiting } = await scene();
    const people = { H: host, G: victim, L: waiting } as Record<string, Person>;
    await session.configure({ lobby: false });
    people['C'] = await session.come('co-host', 'Carla');
    people['P'] = await session.come('producer', 'Paul');
    await session.configure({ lobby: true });
    people['L'] = await session.come('guest', 'Wendy');
    const other = await session.come('guest', 'Xaver');
    const does = (command: RoomCommand, body: object = {}) => say(host.socket, command, body);
    await speaks(victim);
    await does('producer.pause', { producerId: (await speaks(host)).producerId });
    await does('person.mute', { participantId: victim.participantId });
    await does('chat.send', { text: 'Hello' });
    await say(people['C'].socket, 'chat.send', { text: 'Hello to you' });
    const recording = (await does('recording.start', { countdownMs: 10, slate: true })) as {
      ok: { recordingId: string };
    };
    await does('marker.add', { name: 'Here' });
    await stage.recorder.progresses(session.sessionId, recording.ok.recordingId);
    await does('recording.stop');
    await does('lobby.admit', { participantIds: [people['L'].participantId] });
    await say(people['C'].socket, 'leave', {});
    await say(people['C'].socket, 'join', { resume: [] });
    await does('session.configure', { locked: true });
    await does('lobby.deny', { participantIds: [other.participantId] });
    await stage.sfu.loses(session.sessionId);
    await Promise.all(['H', 'C', 'G', 'P'].map(who => hears(people[who] as Person, 'mediaLost')));
    await does('person.remove', { participantId: victim.participantId });
    await hears(victim, 'dismissed');
    await Promise.all([hears(other, 'dismissed'), hears(people['L'], 'admitted')]);
    const heardBy = (event: string) =>
      [...'HCGPL'].filter(who => {
        const all = who === 'L' ? [people['L'], other] : [people[who]];
        return all.some(person => person?.heard.some(([name]) => name === event));
      });
    for (const event of Object.keys(roomEvents) as RoomEvent[])
      expect(heardBy(event).join(''), event).to.equal(audiences[event]);
    const lobby = Object.keys(audiences).filter(event => audiences[event as RoomEvent].includes('L'));
    expect(lobby.toSorted()).to.deep.equal(lobbyEvents.toSorted());
  });

  it('tells somebody who waits nothing of the room, whatever goes on there', async () => {
    const { session, host, waiting } = await scene();
    const again = (await say(waiting.socket, 'join', { resume: [] })) as { ok: object };
    expect(again.ok).to.have.all.keys('waiting', 'title', 'hostIsHere');
    const guest = await session.come('co-host', 'Carla');
    await speaks(guest);
    await say(host.socket, 'recording.start', {});
    await say(host.socket, 'recording.stop', {});
    await say(host.socket, 'leave', {});
    await say(guest.socket, 'leave', {});
    await hears(
      waiting,
      'hostPresenceChanged',
      body => (body as { hostIsHere: boolean }).hostIsHere === false,
    );
    const events = new Set(waiting.heard.map(([event]) => event));
    expect([...events]).to.deep.equal(['hostPresenceChanged']);
    expect(JSON.stringify(waiting.heard)).not.to.match(/Rita|Grace|Victor|Carla|codecs/);
  });

  it('hears nobody without a good credential, whichever command they send', async () => {
    const { session, host, victim } = await scene();
    const { token, invitationId } = await session.link();
    await session.configure({ lobby: false });
    const revoked = await session.join(await session.seatBy(token, 'Rachel'));
    await session.revoke(invitationId);
    await say(host.socket, 'person.remove', { participantId: victim.participantId });
    const strangers = {
      'nobody’s credential': ['x'.repeat(43), 'credential_invalid'],
      'no credential': [undefined, 'credential_invalid'],
      'a revoked link’s': [revoked.credential, 'link_invalid'],
      'somebody’s who was removed': [victim.credential, 'removed'],
    } as const;
    for (const [name, [credential, code]] of Object.entries(strangers)) {
      const refused = await stage.sit(credential).catch((error: { data?: { code: string } }) => error);
      expect(refused, name).to.have.nested.property('data.code', code);
      expect(await RawSocket.inSeat(stage.server.url, credential), name).to.equal(null);
    }
    // Nor does anybody who does not even ask for the namespace.
    for (const command of commands) {
      const socket = await RawSocket.open(stage.server.url);
      expect(await socket.ask(1, command, {}), command).to.equal(null);
    }
  });
});
