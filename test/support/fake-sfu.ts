import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { rtpParameters } from '@cratersync/signaling/protocol';
import type { z } from 'zod';
import { type RtpSource, senderReport } from './rtp.ts';

type RtpParameters = z.output<typeof rtpParameters>;

/** The sending end of one tap, as an SFU has it. */
export class FakeTap {
  readonly ssrc: number;
  readonly payloadType: number;
  readonly #socket: Socket;
  readonly #mimeType: string;
  #target = { port: 0, ip: '' };
  #sent = 0;

  private constructor(socket: Socket, ssrc: number, payloadType: number, mimeType: string) {
    this.#socket = socket;
    this.ssrc = ssrc;
    this.payloadType = payloadType;
    this.#mimeType = mimeType;
  }

  static async open(ssrc: number, mimeType: string): Promise<FakeTap> {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return new FakeTap(socket, ssrc, mimeType === 'audio/opus' ? 100 : 101, mimeType);
  }

  /** What signaling would pass on of it in a `track.start`. */
  describe() {
    const clockRate = this.#mimeType === 'audio/opus' ? 48_000 : 90_000;
    const channels = this.#mimeType === 'audio/opus' ? { channels: 2 } : {};
    const codec = { mimeType: this.#mimeType, payloadType: this.payloadType, clockRate, ...channels };
    return {
      rtpParameters: {
        codecs: [{ ...codec, parameters: { useinbandfec: 1 }, rtcpFeedback: [] }],
        encodings: [{ ssrc: this.ssrc }],
      } as unknown as RtpParameters,
      sourceIp: '127.0.0.1',
      sourcePort: this.#socket.address().port,
      srtp: null,
      clockId: 'worker-1',
    };
  }

  sendTo(port: number, ip: string): void {
    this.#target = { port, ip };
  }

  /** The next packets of `source`. Resolves when the kernel has them, which on loopback is at the receiver's port. */
  async send(source: RtpSource): Promise<void> {
    for (const packet of source.next()) await this.sendPacket(packet);
  }

  async sendPacket(packet: Buffer): Promise<void> {
    this.#sent += 1;
    await new Promise<void>((resolve, reject) => {
      const { port, ip } = this.#target;
      this.#socket.send(packet, port, ip, error => (error === null ? resolve() : reject(error)));
    });
  }

  /** @param ntpUs µs since 1900, in the SFU's clock */
  sendReport(ntpUs: number, rtpTimestamp: number): Promise<void> {
    return this.sendPacket(senderReport({ ssrc: this.ssrc, ntpUs, rtpTimestamp, packetCount: this.#sent }));
  }

  /** Feedback that the recorder sends. */
  onFeedback(listener: (packet: Buffer) => void): void {
    this.#socket.on('message', listener);
  }

  close(): void {
    this.#socket.close();
  }
}
