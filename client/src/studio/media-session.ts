import { Device } from 'mediasoup-client';
import type {
  ConnectionState,
  Consumer,
  IceCandidate,
  Producer,
  ProducerOptions,
  RtpCapabilities,
  Transport,
  TransportOptions,
} from 'mediasoup-client/types';
import {
  errors,
  mayDo,
  type RoomView,
  type Source,
  type TransportOffer,
  type WantedLayer,
} from '../protocol.ts';
import type { Ask } from './connection.ts';
import type { Reports } from './quality.ts';
import { upright } from './upright.ts';

/** mediasoup's structures travel as opaque objects; mediasoup-client validates them itself. */
const opened = <T>(opaque: object): T => opaque as T;

const transportOptions = (info: TransportOffer): TransportOptions => ({
  id: info.transportId,
  iceParameters: opened(info.iceParameters),
  iceCandidates: info.iceCandidates.map(candidate => opened<IceCandidate>(candidate)),
  dtlsParameters: opened(info.dtlsParameters),
  iceServers: info.iceServers,
});

/** Where the network cannot take all, sound goes first. */
const behindSound = { priority: 'low', networkPriority: 'low' } as const;

/** How each source is sent: speech as music-quality mono, the camera in three sizes, a screen sharp. */
export function sendingOptions(source: Source): Pick<ProducerOptions, 'encodings' | 'codecOptions'> {
  // What is lost on the way is sent again: a recording can wait for it, as a call cannot.
  const opus = { opusFec: true, opusDtx: false, opusPtime: 20, opusNack: true };
  switch (source) {
    case 'mic':
      return {
        encodings: [{ priority: 'high', networkPriority: 'high' }],
        codecOptions: { ...opus, opusStereo: false, opusMaxAverageBitrate: 96_000 },
      };
    case 'screen-audio':
      return { codecOptions: { ...opus, opusStereo: true, opusMaxAverageBitrate: 128_000 } };
    case 'camera':
      return {
        encodings: [
          { scaleResolutionDownBy: 4, maxBitrate: 150_000, ...behindSound },
          { scaleResolutionDownBy: 2, maxBitrate: 500_000, ...behindSound },
          { scaleResolutionDownBy: 1, maxBitrate: 1_500_000, ...behindSound },
        ],
        codecOptions: { videoGoogleStartBitrate: 1_000 },
      };
    case 'screen':
      return { encodings: [{ maxBitrate: 2_500_000 }] };
  }
}

async function loadDevice(routerRtpCapabilities: object): Promise<Device> {
  let device: Device;
  try {
    device = await Device.factory();
  } catch {
    throw errors.conflict('This browser cannot take part. Use a current Chrome, Edge, Firefox or Safari.');
  }
  await device.load({ routerRtpCapabilities: upright(opened(routerRtpCapabilities)) });
  return device;
}

export type Health = 'healthy' | 'troubled';

/** A transport that carries nothing yet is `new`, and well; one that is connecting may turn out either way. */
export function healthOf(states: readonly ConnectionState[]): Health | 'unknown' {
  if (states.some(state => state === 'disconnected' || state === 'failed')) return 'troubled';
  return states.every(state => state === 'new' || state === 'connected') ? 'healthy' : 'unknown';
}

/** One life of the media: a device and its transports; none to send by for whoever only sees and hears. After media was lost, a new one is made. */
export class MediaSession {
  readonly #ask: Ask;
  readonly #device: Device;
  readonly #send: Transport | null;
  readonly #receive: Transport;

  private constructor(ask: Ask, device: Device, send: Transport | null, receive: Transport) {
    this.#ask = ask;
    this.#device = device;
    this.#send = send;
    this.#receive = receive;
  }

  /** @param onTransports hears when a transport is cut off, and when all are well again. */
  static async open(ask: Ask, view: RoomView, onTransports: (health: Health) => void): Promise<MediaSession> {
    const device = await loadDevice(view.routerRtpCapabilities);
    const [toSend, toReceive] = await Promise.all([
      mayDo(view.you.role, 'producer.open') ? ask('transport.create', { direction: 'send' }) : null,
      ask('transport.create', { direction: 'receive' }),
    ]);
    const send = toSend === null ? null : device.createSendTransport(transportOptions(toSend));
    const receive = device.createRecvTransport(transportOptions(toReceive));
    const session = new MediaSession(ask, device, send, receive);
    for (const transport of session.#transports) {
      transport.on('connectionstatechange', () => {
        const health = session.#health;
        if (health !== 'unknown') onTransports(health);
      });
      transport.on('connect', ({ dtlsParameters }, done, failed) => {
        ask('transport.connect', { transportId: transport.id, dtlsParameters }).then(() => done(), failed);
      });
    }
    send?.on('produce', ({ rtpParameters, appData }, done, failed) => {
      const { source, paused } = opened<{ source: Source; paused: boolean }>(appData);
      const request = { transportId: send.id, source, paused, rtpParameters };
      ask('producer.open', request).then(({ producerId }) => done({ id: producerId }), failed);
    });
    return session;
  }

  get #transports(): Transport[] {
    return this.#send === null ? [this.#receive] : [this.#send, this.#receive];
  }

  get #health(): Health | 'unknown' {
    return healthOf(this.#transports.map(({ connectionState }) => connectionState));
  }

  get transportIds(): string[] {
    return this.#transports.map(({ id }) => id);
  }

  isHealthy(): boolean {
    return this.#health === 'healthy';
  }

  async restartIce(): Promise<void> {
    const restart = async (transport: Transport) => {
      const request = { transportId: transport.id };
      const { iceParameters, iceServers } = await this.#ask('transport.restart-ice', request);
      // In Firefox it cannot: there the credentials from before have to do, until everything is made anew.
      await transport.updateIceServers({ iceServers }).catch(() => {});
      await transport.restartIce({ iceParameters: opened(iceParameters) });
    };
    await Promise.all(this.#transports.map(restart));
  }

  /** What the browser measures of both directions. */
  async reports(): Promise<{ sent: Reports; received: Reports }> {
    const [sent, received] = await Promise.all([this.#send?.getStats(), this.#receive.getStats()]);
    return { sent: sent?.values() ?? [], received: received.values() };
  }

  /** @throws `forbidden` for whoever only sees and hears */
  async produce(source: Source, track: MediaStreamTrack, paused: boolean): Promise<Producer> {
    if (this.#send === null) throw errors.forbidden('somebody who is recorded', 'send sound or pictures');
    return this.#send.produce({
      track,
      ...sendingOptions(source),
      stopTracks: false,
      zeroRtpOnPause: false,
      appData: { source, paused },
    });
  }

  /** Opens a consumer and lets it flow. Consumers start paused, so that their first keyframe is not lost. */
  async consume(producerId: string): Promise<Consumer> {
    const rtpCapabilities: RtpCapabilities = this.#device.recvRtpCapabilities;
    const info = await this.#ask('consumer.open', {
      transportId: this.#receive.id,
      producerId,
      rtpCapabilities: { ...rtpCapabilities },
    });
    const consumer = await this.#receive.consume({
      id: info.consumerId,
      producerId: info.producerId,
      kind: info.kind,
      rtpParameters: opened(info.rtpParameters),
    });
    await this.#ask('consumer.resume', { consumerId: consumer.id });
    return consumer;
  }

  /** @param layer null: not seen */
  async prefer(consumerId: string, layer: WantedLayer): Promise<void> {
    await this.#ask('consumer.prefer', { consumerId, layer });
  }

  close(): void {
    for (const transport of this.#transports) transport.close();
  }
}
