import { randomUUID } from 'node:crypto';
import { audit } from '@cratersync/db';
import { createLog } from '@cratersync/infra/runtime';
import { expect } from 'chai';
import { ManualClock } from '../../test/support/manual-clock.ts';
import {
  errors,
  type OrganizationId,
  type ParticipantId,
  type RoomEvent,
  rtpCapabilities,
  rtpParameters,
  type SessionId,
  type SessionRole,
} from '../protocol/index.ts';
import type { Catalogue } from './catalogue.ts';
import { Endings } from './endings.ts';
import { ScriptedNodes, settled } from './fixtures/scripted-nodes.ts';
import { Lobbies } from './lobby.ts';
import { Nodes, recorderLink, type SfuLink, sfuLink } from './nodes.ts';
import { Room } from './room.ts';
import type { Seat } from './seat.ts';

describe('a room', () => {
  const organizationId = randomUUID() as OrganizationId;
  const sessionId = randomUUID() as SessionId;
  let nodes: ScriptedNodes;
  let sfus: Nodes<SfuLink>;
  let sfu: SfuLink;
  let room: Room;
  let credentials: number;

  beforeEach(() => {
    nodes = new ScriptedNodes();
    credentials = 0;
    const log = createLog('test', 'silent');
    const recorders = new Nodes<ReturnType<typeof recorderLink>>('recorder');
    recorders.add(recorderLink('recorder', nodes.socket('recorder')));
    sfus = new Nodes<SfuLink>('media server');
    sfu = sfuLink('sfu', nodes.socket('sfu'));
    sfus.add(sfu);
    const nothing = {
      requireHours: async () => {},
      insertRecording: async () => null,
      customerKey: async () => null,
      noteRecording() {},
      noteStopped() {},
      noteParticipant() {},
      noteSession() {},
    };
    room = new Room(
      { organizationId, sessionId, region: 'ca', title: 'Moon talk' },
      {
        sfus,
        recorders,
        // What is written down has its tests where it is written.
        catalogue: nothing as unknown as Catalogue,
        iceServers: () => {
          credentials += 1;
          return [{ urls: ['turn:relay'], username: String(credentials), credential: 'c' }];
        },
        clock: new ManualClock(),
        endings: new Endings({ recorders, log }),
        log,
        onClosed: () => {},
        lobbies: new Lobbies(() => {}),
        onFound: () => {},
      },
    );
  });
  afterEach(() => room.close());

  async function join(
    name: string,
    role: SessionRole = 'guest',
  ): Promise<{ seat: Seat; heard: RoomEvent[] }> {
    const heard: RoomEvent[] = [];
    const participantId = randomUUID() as ParticipantId;
    const seat = { organizationId, sessionId, sessionTitle: 'Moon talk', participantId, displayName: name };
    const place: Seat = { ...seat, region: 'ca', accountId: null, role };
    await room.join(
      place,
      { emit: event => heard.push(event), close() {}, isOpen: true },
      { resume: [], people: null },
    );
    return { seat: place, heard };
  }
  const microphone = (seat: Seat) =>
    room.sending.open(seat, {
      transportId: 't',
      source: 'mic',
      paused: false,
      rtpParameters: rtpParameters.parse({ codecs: [], headerExtensions: [], encodings: [], rtcp: {} }),
    });

  /** Ada opens her microphone while it records, and its tap takes until the test says so. */
  async function whileTapOpens() {
    const rita = await join('Rita');
    const ada = await join('Ada');
    await room.recording.start(audit.nobody);
    const tap = Promise.withResolvers<void>();
    nodes.holds = name => (name === 'tap.start' ? tap.promise : null);
    const opened = microphone(ada.seat);
    await settled();
    return { rita, ada, tap, opened };
  }

  it('tells of a relay with each transport and each restart of ICE, anew each time, and nobody but who is inside', async () => {
    const { seat } = await join('Ada');
    const { transportId, iceServers } = await room.createTransport(seat, 'receive');
    const again = await room.media.restartIce(seat, { transportId });
    expect([iceServers, again.iceServers].map(([relay]) => relay?.username)).to.deep.equal(['1', '2']);
    const outside: Seat = { ...seat, participantId: randomUUID() as ParticipantId };
    const error = await room.createTransport(outside, 'receive').catch((thrown: unknown) => thrown);
    expect(error).to.have.property('code', 'join_first');
    expect(credentials).to.equal(2);
  });

  it('lets nobody hear a microphone before it is recorded', async () => {
    const { rita, tap, opened } = await whileTapOpens();
    expect(nodes.askedOf('sfu').at(-1)).to.equal('tap.start');
    expect(rita.heard).not.to.include('producerOpened');
    tap.resolve();
    expect(await opened).to.deep.equal({ producerId: 'p1' });
    expect(rita.heard).to.include('producerOpened');
  });

  it('lets nobody see and hear on who is sent out, even while the recorder hangs', async () => {
    const ada = await join('Ada');
    await microphone(ada.seat);
    await room.recording.start(audit.nobody);
    nodes.holds = name => (name === 'track.close' ? new Promise(() => {}) : null);
    void room.dismiss(ada.seat.participantId, errors.linkInvalid());
    await settled();
    expect(nodes.askedOf('sfu')).to.include('peer.close');
    expect(ada.heard).to.include('dismissed');
  });

  it('cuts off whoever was sent out while the media server could not be told, once it is back', async () => {
    const [rita, ada] = [await join('Rita'), await join('Ada')];
    const transports = [{ transportId: 't1', direction: 'receive' as const }];
    const peers = [rita, ada].map(({ seat }) => ({
      participantId: seat.participantId,
      transports,
      producers: [],
    }));
    sfus.remove(sfu);
    await room.dismiss(ada.seat.participantId, errors.linkInvalid());
    await settled();
    const before = nodes.asked.length;
    sfus.add(sfu);
    const routerRtpCapabilities = rtpCapabilities.parse({});
    await room.sfuIsBack({ sessionId, routerRtpCapabilities, peers, taps: [] });
    const asked = nodes.asked.slice(before).map(({ name, request }) => [name, request['participantId']]);
    expect(asked).to.deep.equal([['peer.close', ada.seat.participantId]]);
  });

  it('is not entered by somebody who was sent out, or left, while it was being opened', async () => {
    const rita = await join('Rita', 'host');
    const gone = randomUUID() as ParticipantId;
    const place: Seat = { ...rita.seat, participantId: gone, displayName: 'Ada', role: 'guest' };
    const socket = { emit() {}, close() {}, isOpen: false };
    const error = await room
      .join(place, socket, { resume: [], people: null })
      .catch((thrown: unknown) => thrown);
    expect(error).to.have.property('code', 'join_first');
    expect(room.participantIds).to.deep.equal([rita.seat.participantId]);
    expect(rita.heard).not.to.include('participantChanged');
  });

  it('keeps nothing open by which a guest sent who comes back as a producer', async () => {
    const rita = await join('Rita', 'host');
    const ada = await join('Ada');
    const { transportId } = await room.createTransport(ada.seat, 'send');
    await microphone(ada.seat);
    const socket = { emit() {}, close() {}, isOpen: true };
    const view = await room.join({ ...ada.seat, role: 'producer' }, socket, {
      resume: [transportId],
      people: null,
    });
    expect(view).to.deep.include({ resumed: false, producers: [] });
    expect(nodes.askedOf('sfu')).to.include('peer.close');
    expect(rita.heard).to.include('producerClosed');
  });

  it('says nothing of a microphone whose owner left while its tap was opened', async () => {
    const { rita, ada, tap, opened } = await whileTapOpens();
    const left = room.leave(ada.seat.participantId);
    tap.resolve();
    await Promise.all([opened, left]);
    expect(rita.heard).not.to.include('producerOpened');
  });
});
