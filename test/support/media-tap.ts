import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { mediaCodecs, Tap } from '@cratersync/sfu/testing';
import type { rtpParameters, TrackId } from '@cratersync/signaling/protocol';
import { createWorker, type types } from 'mediasoup';
import type { z } from 'zod';

const root = join(import.meta.dirname, '..', '..');

/** A real mediasoup worker with one room, and what browsers would connect to. */
export async function openMedia(): Promise<{
  router: types.Router;
  server: types.WebRtcServer;
  close(): void;
}> {
  const { stdout } = await promisify(execFile)(join(root, 'infra/mediasoup-worker/ensure.sh'));
  const worker = await createWorker({ logLevel: 'error', workerBin: stdout.trim() });
  const router = await worker.createRouter({ mediaCodecs });
  const server = await worker.createWebRtcServer({ listenInfos: [{ protocol: 'udp', ip: '127.0.0.1' }] });
  return { router, server, close: () => worker.close() };
}

export interface TapTarget {
  ip?: string;
  port: number;
  /** The recorder's sending key; null for plain RTP. */
  srtp?: { cryptoSuite: 'AEAD_AES_256_GCM'; keyBase64: string } | null;
}

/** A publisher of one source, in one or more simulcast streams, and the SFU's own tap of it. */
export class MediaTap {
  readonly tap: Tap;
  readonly producerId: string;
  readonly #socket: Socket;
  readonly #ingress: types.PlainTransport;

  private constructor(
    socket: Socket,
    ingress: types.PlainTransport,
    { tap, producerId }: Pick<MediaTap, 'tap' | 'producerId'>,
  ) {
    this.#socket = socket;
    this.#ingress = ingress;
    this.tap = tap;
    this.producerId = producerId;
  }

  /** @param stream its SSRC, or those of its simulcast layers from the smallest to the largest */
  static async open(
    router: types.Router,
    stream: { kind: types.MediaKind; ssrc: number | number[]; payloadType: number },
    to: TapTarget,
    listenIp = '127.0.0.1',
  ): Promise<MediaTap> {
    const listenInfo = { protocol: 'udp' as const, ip: '127.0.0.1' };
    const ingress = await router.createPlainTransport({ listenInfo, comedia: true, rtcpMux: true });
    const codec = mediaCodecs.find(({ kind }) => kind === stream.kind);
    if (codec === undefined) throw new Error(`no codec for ${stream.kind}`);
    const { mimeType, clockRate, channels } = codec;
    const { kind, payloadType } = stream;
    const rtcpFeedback = kind === 'audio' ? [] : [{ type: 'nack', parameter: 'pli' }];
    const sent = { mimeType, clockRate, payloadType, rtcpFeedback };
    const encodings = [stream.ssrc].flat().map(ssrc => ({ ssrc }));
    const producer = await ingress.produce({
      kind,
      rtpParameters: {
        codecs: [channels === undefined ? sent : { ...sent, channels }],
        encodings,
        rtcp: { cname: 'publisher' },
      },
    });
    const tap = await Tap.open(router, {
      listenIp,
      producerId: producer.id,
      trackId: randomUUID() as TrackId,
      ip: '127.0.0.1',
      srtp: null,
      ...to,
    });
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return new MediaTap(socket, ingress, { tap, producerId: producer.id });
  }

  /** What the SFU tells signaling of the tap, for a recorder. */
  describe() {
    const { rtpParameters: given, tapId, ...from } = this.tap.describe();
    return { ...from, rtpParameters: given as unknown as z.output<typeof rtpParameters> };
  }

  start(): Promise<void> {
    return this.tap.start();
  }

  /** Packets of RTP or RTCP. Resolves when they are at the SFU. */
  async publish(packets: Buffer[]): Promise<void> {
    for (const packet of packets) await this.send(packet);
  }

  /** One packet, RTP or RTCP. */
  async send(packet: Buffer): Promise<void> {
    const { localPort } = this.#ingress.tuple;
    await new Promise(resolve => this.#socket.send(packet, localPort, '127.0.0.1', resolve));
  }

  /** RTCP that the SFU sends to the publisher. */
  onFeedback(listener: (packet: Buffer) => void): void {
    this.#socket.on('message', listener);
  }

  close(): void {
    this.#socket.close();
    this.tap.close();
    this.#ingress.close();
  }
}
