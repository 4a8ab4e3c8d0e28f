import { isLoopback } from '@cratersync/infra/runtime';
import { errors, type MediaLayers, type TrackId } from '@cratersync/signaling/protocol';
import type { types } from 'mediasoup';
import { tapCapabilities } from './codecs.ts';

type SrtpKey = { cryptoSuite: 'AEAD_AES_256_GCM'; keyBase64: string };

/**
 * A copy of one producer's RTP on its way to a recorder: a plain transport of its own, so that the recorder gets
 * one port a track and the kernel keeps the tracks apart.
 */
export class Tap {
  readonly id: string;
  readonly trackId: TrackId;
  readonly #transport: types.PlainTransport;
  readonly #consumer: types.Consumer;

  private constructor(trackId: TrackId, transport: types.PlainTransport, consumer: types.Consumer) {
    this.id = transport.id;
    this.trackId = trackId;
    this.#transport = transport;
    this.#consumer = consumer;
  }

  /** @throws `bad_request` when it would lead to another machine unencrypted */
  static async open(
    router: types.Router,
    options: {
      listenIp: string;
      producerId: string;
      trackId: TrackId;
      ip: string;
      port: number;
      srtp: SrtpKey | null;
    },
  ): Promise<Tap> {
    const { listenIp, producerId, trackId, ip, port, srtp } = options;
    if (srtp === null && !isLoopback(ip)) throw errors.badRequest('a tap to another machine must be SRTP');
    const transport = await router.createPlainTransport({
      listenInfo: { protocol: 'udp', ip: listenIp, sendBufferSize: 1 << 20, recvBufferSize: 1 << 18 },
      rtcpMux: true,
      comedia: false,
      ...(srtp === null ? {} : { enableSrtp: true, srtpCryptoSuite: srtp.cryptoSuite }),
    });
    try {
      await transport.connect({
        ip,
        port,
        ...(srtp === null
          ? {}
          : { srtpParameters: { cryptoSuite: srtp.cryptoSuite, keyBase64: srtp.keyBase64 } }),
      });
      const consumer = await transport.consume({
        producerId,
        rtpCapabilities: tapCapabilities(router.rtpCapabilities),
        paused: true,
        // mediasoup drops NACK from an audio consumer without it. The retransmission comes on the stream itself.
        enableRtx: true,
      });
      const encoding = consumer.rtpParameters.encodings?.[0];
      if (consumer.type === 'simulcast' && encoding?.scalabilityMode !== undefined)
        await consumer.setPreferredLayers({ spatialLayer: 9, temporalLayer: 9 });
      return new Tap(trackId, transport, consumer);
    } catch (error) {
      transport.close();
      throw error;
    }
  }

  describe() {
    const { srtpParameters, tuple } = this.#transport;
    return {
      tapId: this.id,
      rtpParameters: this.#consumer.rtpParameters,
      sourceIp: tuple.localAddress,
      sourcePort: tuple.localPort,
      srtp:
        srtpParameters === undefined
          ? null
          : { cryptoSuite: 'AEAD_AES_256_GCM' as const, keyBase64: srtpParameters.keyBase64 },
    };
  }

  async start(): Promise<void> {
    await this.#consumer.resume();
    if (this.#consumer.kind === 'video') await this.#consumer.requestKeyFrame();
  }

  async pause(): Promise<void> {
    await this.#consumer.pause();
  }

  get paused(): boolean {
    return this.#consumer.paused;
  }

  /** Which layers it carries; null when its producer has but one. */
  get layers(): MediaLayers | null {
    const { type, currentLayers } = this.#consumer;
    if (type !== 'simulcast' && type !== 'svc') return null;
    return { spatial: currentLayers?.spatialLayer ?? null, temporal: currentLayers?.temporalLayer ?? null };
  }

  onLayers(listener: () => void): void {
    this.#consumer.on('layerschange', listener);
  }

  onClosed(listener: () => void): void {
    this.#consumer.observer.once('close', listener);
  }

  /** Idempotent. */
  close(): void {
    this.#transport.close();
  }
}
