import { execFile } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { rtpParameters } from '@cratersync/signaling/protocol';
import { createWorker, type types } from 'mediasoup';
import type { z } from 'zod';

const root = join(import.meta.dirname, '..', '..');
const codecs: types.RouterRtpCodecCapability[] = [
  {
    kind: 'audio',
    mimeType: 'audio/opus',
    clockRate: 48_000,
    channels: 2,
    rtcpFeedback: [{ type: 'nack' }],
  },
  {
    kind: 'video',
    mimeType: 'video/VP8',
    clockRate: 90_000,
    rtcpFeedback: [{ type: 'nack' }, { type: 'nack', parameter: 'pli' }],
  },
];

/** A real mediasoup worker with one room. */
export async function openMedia(): Promise<{ router: types.Router; close(): void }> {
  const { stdout } = await promisify(execFile)(join(root, 'infra/mediasoup-worker/ensure.sh'));
  const worker = await createWorker({ logLevel: 'error', workerBin: stdout.trim() });
  const router = await worker.createRouter({ mediaCodecs: codecs });
  return { router, close: () => worker.close() };
}

/** A publisher of one stream, and the tap of it, made as the SFU makes it. */
export class MediaTap {
  readonly #socket: Socket;
  readonly #ingress: types.PlainTransport;
  readonly #consumer: types.Consumer;

  private constructor(socket: Socket, ingress: types.PlainTransport, consumer: types.Consumer) {
    this.#socket = socket;
    this.#ingress = ingress;
    this.#consumer = consumer;
  }

  /** @param port where the tap leads to, on loopback */
  static async open(
    router: types.Router,
    stream: { kind: types.MediaKind; ssrc: number; payloadType: number },
    port: number,
  ): Promise<MediaTap> {
    const listenInfo = { protocol: 'udp' as const, ip: '127.0.0.1' };
    const ingress = await router.createPlainTransport({ listenInfo, comedia: true, rtcpMux: true });
    const codec = codecs.find(({ kind }) => kind === stream.kind);
    if (codec === undefined) throw new Error(`no codec for ${stream.kind}`);
    const { mimeType, clockRate, channels } = codec;
    const { kind, ssrc, payloadType } = stream;
    const sent = { mimeType, clockRate, payloadType, ...(channels === undefined ? {} : { channels }) };
    const producer = await ingress.produce({
      kind,
      rtpParameters: { codecs: [sent], encodings: [{ ssrc }] },
    });
    const tap = await router.createPlainTransport({ listenInfo, rtcpMux: true, comedia: false });
    await tap.connect({ ip: '127.0.0.1', port });
    const consumer = await tap.consume({
      producerId: producer.id,
      rtpCapabilities: {
        codecs: (router.rtpCapabilities.codecs ?? []).filter(each => !each.mimeType.endsWith('/rtx')),
      },
      paused: true,
      enableRtx: true,
    });
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return new MediaTap(socket, ingress, consumer);
  }

  get rtpParameters() {
    return this.#consumer.rtpParameters as unknown as z.output<typeof rtpParameters>;
  }

  start(): Promise<void> {
    return this.#consumer.resume();
  }

  /** Resolves when the packets are at the SFU: of RTP, or RTCP. */
  async publish(packets: Buffer[]): Promise<void> {
    const { localPort } = this.#ingress.tuple;
    for (const packet of packets)
      await new Promise(resolve => this.#socket.send(packet, localPort, '127.0.0.1', resolve));
  }

  close(): void {
    this.#socket.close();
  }
}
