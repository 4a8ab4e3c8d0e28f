import { EventEmitter, once } from 'node:events';
import { recorderProcedures, recorderReports } from '@cratersync/recorder/control';
import { type LiveRoom, sfuProcedures, sfuReports } from '@cratersync/sfu/control';
import {
  call,
  dtlsParameters,
  errors,
  type Handlers,
  iceParameters,
  kindOf,
  NODES_NAMESPACE,
  NODES_PATH,
  rtpCapabilities,
  rtpParameters,
  type SessionId,
  serve,
} from '@cratersync/signaling/protocol';
import { io, type Socket } from 'socket.io-client';

type Peer = LiveRoom['peers'][number] & { consumers: string[] };

const capabilities = rtpCapabilities.parse({ codecs: [], headerExtensions: [] });

function dialIn(url: string, kind: 'sfu' | 'recorder', secret: string): Socket {
  return io(url + NODES_NAMESPACE, {
    path: NODES_PATH,
    transports: ['websocket'],
    forceNew: true,
    reconnectionDelay: 50,
    reconnectionDelayMax: 100,
    auth: { kind, nodeId: `played-${kind}`, secret },
  });
}

/** An SFU node without media: it keeps account of what it was asked to open and close, and says so when it dials in. */
export class PlayedSfu extends EventEmitter {
  readonly #rooms = new Map<SessionId, Map<string, Peer>>();
  readonly #socket: Socket;
  #ids = 0;
  /** Every request, in the order in which they came. */
  readonly asked: { name: string; request: Record<string, unknown> }[] = [];

  private constructor(url: string, secret: string) {
    super();
    this.#socket = dialIn(url, 'sfu', secret);
    serve(this.#socket, sfuProcedures, this.#handlers(), {
      context: undefined,
      // What somebody sent that makes no sense to an SFU is refused, not a fault of ours.
      onFault: () => {},
    });
    this.#socket.on('connect', () => void this.#announce());
  }

  static async dialIn(url: string, secret: string): Promise<PlayedSfu> {
    const sfu = new PlayedSfu(url, secret);
    await once(sfu, 'announced');
    return sfu;
  }

  /** Whether somebody has transports here, and so may see and hear. */
  carries(sessionId: string, participantId: string): boolean {
    const peer = this.#rooms.get(sessionId as SessionId)?.get(participantId);
    return peer !== undefined && peer.transports.length > 0;
  }

  /** The worker that had these rooms died. */
  async loses(sessionId: string): Promise<void> {
    this.#rooms.delete(sessionId as SessionId);
    await call(this.#socket, sfuReports, 'rooms.lost', { sessionIds: [sessionId] });
  }

  close(): void {
    this.#socket.disconnect();
  }

  async #announce(): Promise<void> {
    const rooms = [...this.#rooms].map(([sessionId, peers]) => ({
      sessionId,
      routerRtpCapabilities: capabilities,
      peers: [...peers.values()].map(({ consumers, ...peer }) => peer),
      taps: [],
    }));
    await call(this.#socket, sfuReports, 'announce', { rooms });
    this.emit('announced');
  }

  #newId(what: string): string {
    this.#ids += 1;
    return `${what}-${this.#ids}`;
  }

  #peer(sessionId: SessionId, participantId: Peer['participantId']): Peer {
    const peers = this.#rooms.get(sessionId) ?? new Map<string, Peer>();
    this.#rooms.set(sessionId, peers);
    const peer = peers.get(participantId) ?? { participantId, transports: [], producers: [], consumers: [] };
    peers.set(participantId, peer);
    return peer;
  }

  /** Like the real one, it knows whose everything is. @throws `not_found` */
  #own(
    of: { sessionId: SessionId; participantId: Peer['participantId'] },
    ids: { transportId: string },
  ): Peer {
    const peer = this.#peer(of.sessionId, of.participantId);
    if (!peer.transports.some(({ transportId }) => transportId === ids.transportId))
      throw errors.notFound('transport');
    return peer;
  }

  /** @throws `not_found` */
  #ownConsumer(of: { sessionId: SessionId; participantId: Peer['participantId']; consumerId: string }): null {
    if (!this.#peer(of.sessionId, of.participantId).consumers.includes(of.consumerId))
      throw errors.notFound('consumer');
    return null;
  }

  #handlers(): Handlers<typeof sfuProcedures> {
    const nothing = () => null;
    const handlers: Handlers<typeof sfuProcedures> = {
      'room.open': ({ sessionId }) => {
        if (!this.#rooms.has(sessionId)) this.#rooms.set(sessionId, new Map());
        return { routerRtpCapabilities: capabilities };
      },
      'room.close': ({ sessionId }) => {
        this.#rooms.delete(sessionId);
        return null;
      },
      'peer.close': ({ sessionId, participantId }) => {
        this.#rooms.get(sessionId)?.delete(participantId);
        return null;
      },
      'transport.create': ({ sessionId, participantId, direction }) => {
        const transportId = this.#newId('transport');
        this.#peer(sessionId, participantId).transports.push({ transportId, direction });
        return {
          transportId,
          iceParameters: iceParameters.parse({}),
          iceCandidates: [],
          dtlsParameters: dtlsParameters.parse({}),
        };
      },
      'transport.connect': request => {
        this.#own(request, request);
        return null;
      },
      'transport.restart-ice': request => {
        this.#own(request, request);
        return iceParameters.parse({});
      },
      'producer.open': request => {
        const { trackId, source, paused } = request;
        const producerId = this.#newId('producer');
        const producer = { producerId, trackId, source, kind: kindOf(source), paused };
        this.#own(request, request).producers.push(producer);
        return { producerId };
      },
      'producer.pause': nothing,
      'producer.resume': nothing,
      'producer.close': nothing,
      'consumer.open': request => {
        const consumerId = this.#newId('consumer');
        this.#own(request, request).consumers.push(consumerId);
        const { producerId } = request;
        return { consumerId, producerId, kind: 'audio', rtpParameters: rtpParameters.parse({}) };
      },
      'consumer.resume': request => this.#ownConsumer(request),
      'consumer.prefer': request => this.#ownConsumer(request),
      'tap.open': () => ({
        tapId: this.#newId('tap'),
        rtpParameters: rtpParameters.parse({}),
        sourceIp: '127.0.0.1',
        sourcePort: 9,
        srtp: null,
        clockId: 'played',
      }),
      'tap.start': nothing,
      'tap.pause': nothing,
      'tap.close': nothing,
      'probe.open': () => ({
        iceParameters: iceParameters.parse({}),
        iceCandidates: [],
        dtlsParameters: dtlsParameters.parse({}),
      }),
    };
    return noting(handlers, (name, request) => {
      this.asked.push({ name, request });
      this.emit('asked', name);
    });
  }
}

/** A recorder node that acknowledges everything and writes nothing. */
export class PlayedRecorder {
  readonly #socket: Socket;
  readonly asked: { name: string; request: Record<string, unknown> }[] = [];

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  static async dialIn(url: string, secret: string): Promise<PlayedRecorder> {
    const socket = dialIn(url, 'recorder', secret);
    const recorder = new PlayedRecorder(socket);
    const nothing = () => null;
    const handlers: Handlers<typeof recorderProcedures> = {
      'recording.check': () => ({ diskHours: 12 }),
      'recording.open': nothing,
      'recording.take-over': () => ({ holder: 2 }),
      'recording.yield': nothing,
      'track.open': () => ({ ip: '127.0.0.1', port: 9, srtp: null }),
      'track.start': nothing,
      'track.hold': nothing,
      'track.layers': nothing,
      'track.close': nothing,
      'recording.close': nothing,
    };
    const noted = noting(handlers, (name, request) => recorder.asked.push({ name, request }));
    serve(socket, recorderProcedures, noted, { context: undefined, onFault: () => {} });
    const announced = new Promise<void>(resolve => {
      socket.on('connect', () => {
        void call(socket, recorderReports, 'announce', { recordings: [] }).then(() => resolve());
      });
    });
    await announced;
    return recorder;
  }

  async progresses(sessionId: string, recordingId: string): Promise<void> {
    const progress = { sessionId, recordingId, elapsedMs: 500, tracks: [] };
    await call(this.#socket, recorderReports, 'recordings.progressed', { recordings: [progress] });
  }

  close(): void {
    this.#socket.disconnect();
  }
}

function noting<H extends object>(
  handlers: H,
  note: (name: string, request: Record<string, unknown>) => void,
): H {
  return new Proxy(handlers, {
    get: (target, name: string & keyof H) => {
      const handler = target[name];
      if (typeof handler !== 'function') return handler;
      return (request: Record<string, unknown>) => {
        const answer: unknown = handler(request);
        note(name, request);
        return answer;
      };
    },
  });
}
