import type { Log } from '@cratersync/infra/runtime';
import {
  call,
  errors,
  type Handlers,
  type Request,
  type Sent,
  type SessionId,
  type TransportInfo,
} from '@cratersync/signaling/protocol';
import type { types } from 'mediasoup';
import { type LiveRoom, type sfuProcedures, sfuReports } from './control.ts';
import { Probes } from './probes.ts';
import { Room, type TransportListener } from './room.ts';
import type { Tap } from './tap.ts';
import type { MediaWorker, WorkerPool } from './workers.ts';

type Procedure = keyof typeof sfuProcedures;
type Of<K extends Procedure> = Request<typeof sfuProcedures, K>;
type Reports = Parameters<typeof call<typeof sfuReports, keyof typeof sfuReports>>[0];

/** The rooms of this node, and the answers to what signaling asks of them. */
export class SfuNode {
  readonly #rooms = new Map<SessionId, Promise<Room>>();
  readonly #open = new Map<SessionId, Room>();
  readonly #probes = new Probes();
  readonly #log: Log;
  readonly #tapIp: string;
  #pool: WorkerPool | null = null;
  #signaling: Reports | null = null;

  constructor(options: { tapIp: string; log: Log }) {
    this.#tapIp = options.tapIp;
    this.#log = options.log;
  }

  use(pool: WorkerPool): void {
    this.#pool = pool;
  }

  /** Tells signaling what is live here. Called after every (re)connection, before anything else is reported. */
  async announce(signaling: Reports): Promise<void> {
    await call(signaling, sfuReports, 'announce', { rooms: this.#describe() });
    this.#signaling = signaling;
    for (const room of this.#open.values()) for (const tap of room.taps) this.#reportLayers(room, tap);
  }

  disconnected(): void {
    this.#signaling = null;
  }

  /** The worker with this clock is dead: its rooms are, too. */
  workerDied(clockId: string): void {
    const lost = [...this.#open.values()].filter(room => room.media.clockId === clockId);
    for (const room of lost) this.#forget(room.sessionId);
    this.#report('rooms.lost', { sessionIds: lost.map(room => room.sessionId) });
  }

  /** How much there is of what, for metrics. */
  figures(): { rooms: number; people: number; producers: number; taps: number } {
    const rooms = [...this.#open.values()].map(room => room.describe());
    const people = rooms.flatMap(room => room.peers);
    return {
      rooms: rooms.length,
      people: people.length,
      producers: people.reduce((sum, { producers }) => sum + producers.length, 0),
      taps: rooms.reduce((sum, { taps }) => sum + taps.length, 0),
    };
  }

  readonly handlers: Handlers<typeof sfuProcedures> = {
    'room.open': async ({ sessionId }) => {
      const room = await this.#openRoom(sessionId);
      return { routerRtpCapabilities: room.describe().routerRtpCapabilities };
    },
    'room.close': async ({ sessionId }) => {
      const room = await this.#rooms.get(sessionId);
      this.#forget(sessionId);
      room?.close();
      return null;
    },
    'peer.close': async ({ sessionId, participantId }) => {
      (await this.#rooms.get(sessionId))?.closePeer(participantId);
      return null;
    },
    'transport.create': async ({ sessionId, participantId, direction }) => {
      const room = await this.#room(sessionId);
      return room.peer(participantId).createTransport(room.router, room.media.server, direction);
    },
    'transport.connect': async request => {
      const transport = (await this.#peer(request)).transport(request.transportId);
      const dtlsParameters = request.dtlsParameters as unknown as types.DtlsParameters;
      await asked(() => transport.connect({ dtlsParameters }));
      return null;
    },
    'transport.restart-ice': async request => {
      const restarted = await (await this.#peer(request)).transport(request.transportId).restartIce();
      return restarted as unknown as TransportInfo['iceParameters'];
    },
    'producer.open': request => this.#openProducer(request),
    'producer.pause': async request => {
      await (await this.#peer(request)).producer(request.producerId).pause();
      return null;
    },
    'producer.resume': async request => {
      await (await this.#peer(request)).producer(request.producerId).resume();
      return null;
    },
    'producer.close': async request => {
      (await this.#peer(request)).producer(request.producerId).close();
      return null;
    },
    'consumer.open': request => this.#openConsumer(request),
    'consumer.resume': async request => {
      await (await this.#peer(request)).consumer(request.consumerId).resume();
      return null;
    },
    'consumer.prefer': async request => {
      await (await this.#peer(request)).prefer(request.consumerId, request.layer);
      return null;
    },
    'tap.open': request => this.#openTap(request),
    'tap.start': async ({ sessionId, tapId }) => {
      await (await this.#tap(sessionId, tapId)).start();
      return null;
    },
    'tap.pause': async ({ sessionId, tapId }) => {
      await (await this.#tap(sessionId, tapId)).pause();
      return null;
    },
    'tap.close': async ({ sessionId, tapId }) => {
      (await this.#rooms.get(sessionId))?.tap(tapId)?.close();
      return null;
    },
    'probe.open': async request => {
      const dtlsParameters = request.dtlsParameters as unknown as types.DtlsParameters;
      return asked(() => this.#probes.open(this.#leastLoaded(), dtlsParameters));
    },
  };

  async #openProducer(request: Of<'producer.open'>) {
    const peer = await this.#peer(request);
    const rtpParameters = request.rtpParameters as unknown as types.RtpParameters;
    return { producerId: await asked(() => peer.openProducer({ ...request, rtpParameters })) };
  }

  async #openConsumer(request: Of<'consumer.open'>) {
    const peer = await this.#peer(request);
    const capabilities = request.rtpCapabilities as unknown as types.RtpCapabilities;
    const consumer = await asked(() =>
      peer.openConsumer(request.transportId, request.producerId, capabilities),
    );
    return {
      consumerId: consumer.id,
      producerId: consumer.producerId,
      kind: consumer.kind,
      rtpParameters: consumer.rtpParameters as unknown as Of<'producer.open'>['rtpParameters'],
    };
  }

  async #openTap(request: Of<'tap.open'>) {
    const room = await this.#room(request.sessionId);
    const tap = await room.openTap({ ...request, listenIp: this.#tapIp });
    tap.onLayers(() => this.#reportLayers(room, tap));
    const { rtpParameters, ...described } = tap.describe();
    return {
      ...described,
      rtpParameters: rtpParameters as unknown as Of<'producer.open'>['rtpParameters'],
      clockId: room.media.clockId,
    };
  }

  async #peer(request: Of<'peer.close'>) {
    return (await this.#room(request.sessionId)).peer(request.participantId);
  }

  async #tap(sessionId: SessionId, tapId: string): Promise<Tap> {
    const tap = (await this.#room(sessionId)).tap(tapId);
    if (tap === undefined) throw errors.notFound('tap');
    return tap;
  }

  async #room(sessionId: SessionId): Promise<Room> {
    const room = await this.#rooms.get(sessionId);
    if (room === undefined) throw errors.notFound('room');
    return room;
  }

  #openRoom(sessionId: SessionId): Promise<Room> {
    const known = this.#rooms.get(sessionId);
    if (known !== undefined) return known;
    const opening = Room.open(sessionId, this.#leastLoaded(), this.#transportChanged);
    this.#rooms.set(sessionId, opening);
    opening.then(
      room => this.#open.set(sessionId, room),
      () => this.#rooms.delete(sessionId),
    );
    return opening;
  }

  #leastLoaded(): MediaWorker {
    const media = this.#pool?.leastLoaded() ?? null;
    if (media === null) throw errors.nodeUnavailable('media server');
    return media;
  }

  #forget(sessionId: SessionId): void {
    this.#rooms.delete(sessionId);
    this.#open.delete(sessionId);
  }

  #describe(): LiveRoom[] {
    return [...this.#open.values()].map(room => room.describe());
  }

  readonly #transportChanged: TransportListener = (sessionId, participantId, transportId, state) =>
    this.#report('transport.changed', { sessionId, participantId, transportId, state });

  #reportLayers({ sessionId }: Room, { trackId, layers }: Tap): void {
    if (layers !== null) this.#report('tap.layers-changed', { sessionId, trackId, ...layers });
  }

  // What is not heard now is learnt from the next announcement.
  #report<K extends keyof typeof sfuReports>(name: K, body: Sent<typeof sfuReports, K>): void {
    if (this.#signaling === null) return;
    call(this.#signaling, sfuReports, name, body).catch((error: unknown) =>
      this.#log.warn({ err: error, report: name }, 'signaling did not take a report'),
    );
  }
}

/** mediasoup throws TypeError and Error for what a browser got wrong; that is the caller's fault, not ours. */
async function asked<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof TypeError || (error instanceof Error && error.name === 'UnsupportedError'))
      throw errors.badRequest(error.message);
    throw error;
  }
}
