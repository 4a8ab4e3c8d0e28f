import {
  errors,
  kindOf,
  type ParticipantId,
  type Source,
  type TrackId,
  type TransportInfo,
  type WantedLayer,
} from '@cratersync/signaling/protocol';
import type { types } from 'mediasoup';

export type Direction = 'send' | 'receive';
export type TransportState = 'connected' | 'disconnected' | 'gone';
type ProducerData = { trackId: TrackId; source: Source };

/** One person's transports, producers and consumers in a room. */
export class Peer {
  readonly participantId: ParticipantId;
  readonly #transports = new Map<string, { transport: types.WebRtcTransport; direction: Direction }>();
  readonly #producers = new Map<string, types.Producer<ProducerData>>();
  readonly #consumers = new Map<string, types.Consumer>();
  readonly #onTransport: (transportId: string, state: TransportState) => void;

  constructor(
    participantId: ParticipantId,
    onTransport: (transportId: string, state: TransportState) => void,
  ) {
    this.participantId = participantId;
    this.#onTransport = onTransport;
  }

  async createTransport(
    router: types.Router,
    server: types.WebRtcServer,
    direction: Direction,
  ): Promise<TransportInfo> {
    const transport = await router.createWebRtcTransport({
      webRtcServer: server,
      enableUdp: true,
      enableTcp: true,
      preferUdp: true,
      initialAvailableOutgoingBitrate: 1_000_000,
      iceConsentTimeout: 15,
    });
    const { id } = transport;
    this.#transports.set(id, { transport, direction });
    transport.on('icestatechange', state => {
      if (state === 'disconnected') this.#onTransport(id, 'disconnected');
      if (state === 'completed') this.#onTransport(id, 'connected');
    });
    // A closed DTLS association cannot be revived; what hangs on it is over.
    transport.on('dtlsstatechange', state => {
      if (state === 'closed' || state === 'failed') transport.close();
    });
    transport.observer.once('close', () => {
      this.#transports.delete(id);
      this.#onTransport(id, 'gone');
    });
    return {
      transportId: id,
      iceParameters: transport.iceParameters as unknown as TransportInfo['iceParameters'],
      iceCandidates: transport.iceCandidates as unknown as TransportInfo['iceCandidates'],
      dtlsParameters: transport.dtlsParameters as unknown as TransportInfo['dtlsParameters'],
    };
  }

  transport(transportId: string): types.WebRtcTransport {
    return found(this.#transports.get(transportId), 'transport').transport;
  }

  producer(producerId: string): types.Producer<ProducerData> {
    return found(this.#producers.get(producerId), 'producer');
  }

  consumer(consumerId: string): types.Consumer {
    return found(this.#consumers.get(consumerId), 'consumer');
  }

  get producers(): Iterable<types.Producer<ProducerData>> {
    return this.#producers.values();
  }

  async openProducer(options: {
    transportId: string;
    source: Source;
    paused: boolean;
    trackId: TrackId;
    rtpParameters: types.RtpParameters;
  }): Promise<string> {
    const { transportId, source, paused, trackId, rtpParameters } = options;
    const producer = await this.transport(transportId).produce({
      kind: kindOf(source),
      rtpParameters,
      paused,
      keyFrameRequestDelay: 1000,
      appData: { trackId, source },
    });
    this.#producers.set(producer.id, producer);
    producer.observer.once('close', () => this.#producers.delete(producer.id));
    return producer.id;
  }

  async openConsumer(
    transportId: string,
    producerId: string,
    rtpCapabilities: types.RtpCapabilities,
  ): Promise<types.Consumer> {
    const consumer = await this.transport(transportId).consume({
      producerId,
      rtpCapabilities,
      paused: true,
    });
    this.#consumers.set(consumer.id, consumer);
    consumer.observer.once('close', () => this.#consumers.delete(consumer.id));
    return consumer;
  }

  /** @throws `bad_request` for sound, which is always heard */
  async prefer(consumerId: string, layer: WantedLayer): Promise<void> {
    const consumer = this.consumer(consumerId);
    if (consumer.kind === 'audio') throw errors.badRequest('only a picture has sizes');
    if (layer === null) return consumer.pause();
    if (consumer.type !== 'simple') await consumer.setPreferredLayers({ spatialLayer: layer });
    // Resumed, mediasoup asks the sender for a keyframe.
    await consumer.resume();
  }

  /** Idempotent. */
  close(): void {
    for (const { transport } of [...this.#transports.values()]) transport.close();
  }

  describe() {
    return {
      participantId: this.participantId,
      transports: [...this.#transports].map(([transportId, { direction }]) => ({ transportId, direction })),
      producers: [...this.#producers.values()].map(producer => ({
        producerId: producer.id,
        trackId: producer.appData.trackId,
        source: producer.appData.source,
        kind: producer.kind,
        paused: producer.paused,
      })),
    };
  }
}

function found<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw errors.notFound(what);
  return value;
}
