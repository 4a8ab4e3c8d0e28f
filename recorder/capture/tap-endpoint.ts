import { randomInt } from 'node:crypto';
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import type { MediaKind } from '@cratersync/signaling/protocol';
import { Feedback } from './feedback.ts';
import { type Loss, ReceiveWindow } from './receive-window.ts';
import { parseSenderReports, type SenderReport } from './rtcp.ts';
import { isRtcp, payloadTypeOf, rtpHeaderBytes, sequenceOf, ssrcOf, timestampOf } from './rtp.ts';
import { deriveSrtpKeys, newMasterKeyBase64, SrtpReceiver, SrtpSender } from './srtp.ts';

/**
 * What the kernel holds for us while we are busy: about 10 s of video, far more of audio. Linux grants at most
 * net.core.rmem_max.
 */
const RECEIVE_BUFFER_BYTES: Record<MediaKind, number> = { audio: 1 << 20, video: 4 << 20 };

export interface SrtpKey {
  cryptoSuite: 'AEAD_AES_256_GCM';
  keyBase64: string;
}

/** What will arrive, and from where. */
export interface TapStart {
  ssrc: number;
  payloadType: number;
  clockRateHz: number;
  sourceIp: string;
  sourcePort: number;
  /** The sender's key; null for plain RTP. */
  srtp: SrtpKey | null;
}

/** Takes what a tap brings. `packet` is the receiver's own: it stays as it is. */
export interface TapSink {
  rtp(packet: Buffer, atUs: number): void;
  senderReport(report: SenderReport, atUs: number): void;
  lost(loss: Loss, atUs: number): void;
}

export interface TapCounters {
  packetsDuplicate: number;
  packetsMalformed: number;
  packetsForeign: number;
}

/** The receiving end of one tap: a UDP port for RTP and RTCP of one stream (RFC 5761). */
export class TapEndpoint {
  /** Our own sending key; null when the tap stays within the machine. */
  readonly srtp: SrtpKey | null;
  readonly #socket: Socket;
  readonly #kind: MediaKind;
  readonly #sink: TapSink;
  readonly #counters: TapCounters;
  readonly #now: () => number;
  readonly #srtpSender: SrtpSender | null;
  readonly #ownSsrc = randomInt(1, 2 ** 32);
  #stream: {
    start: TapStart;
    window: ReceiveWindow;
    feedback: Feedback;
    srtpReceiver: SrtpReceiver | null;
  } | null = null;
  #closed = false;

  private constructor(socket: Socket, options: TapOptions) {
    this.#socket = socket;
    this.#kind = options.kind;
    this.#sink = options.sink;
    this.#counters = options.counters;
    this.#now = options.now;
    this.srtp = options.secured ? { cryptoSuite: 'AEAD_AES_256_GCM', keyBase64: newMasterKeyBase64() } : null;
    this.#srtpSender = this.srtp === null ? null : new SrtpSender(deriveSrtpKeys(this.srtp.keyBase64));
    socket.on('message', (message, remote) => this.#receive(message, remote));
    // Sending to a port that is gone comes back as an error here. The far end's death is told by signaling.
    socket.on('error', () => {});
  }

  /** Binds a free port of `ip`. */
  static async open(options: TapOptions): Promise<TapEndpoint> {
    const socket = createSocket({
      type: isIPv6(options.ip) ? 'udp6' : 'udp4',
      recvBufferSize: RECEIVE_BUFFER_BYTES[options.kind],
    });
    socket.bind(0, options.ip);
    await once(socket, 'listening');
    return new TapEndpoint(socket, options);
  }

  get port(): number {
    return this.#socket.address().port;
  }

  /** From now on what `start` describes is received; anything else is counted and dropped. */
  start(start: TapStart): void {
    this.end();
    this.#stream = {
      start,
      window: new ReceiveWindow(),
      feedback: new Feedback({ ...start, kind: this.#kind }, this.#ownSsrc, this.#now()),
      srtpReceiver: start.srtp === null ? null : new SrtpReceiver(deriveSrtpKeys(start.srtp.keyBase64)),
    };
  }

  /** Tells what is lost for good, and sends the feedback that is due. Called about every 50 ms. */
  tick(nowUs: number, muted: boolean): void {
    const stream = this.#stream;
    if (stream === null || this.#closed) return;
    for (const loss of stream.window.takeLosses(nowUs)) {
      stream.feedback.lost();
      this.#sink.lost(loss, nowUs);
    }
    const packet = stream.feedback.due(nowUs, stream.window, muted);
    if (packet === null) return;
    const protectedPacket = this.#srtpSender === null ? packet : this.#srtpSender.protectRtcp(packet);
    this.#socket.send(protectedPacket, stream.start.sourcePort, stream.start.sourceIp);
  }

  /** The stream is over: what is still missing is lost. */
  end(): void {
    const nowUs = this.#now();
    for (const loss of this.#stream?.window.end() ?? []) this.#sink.lost(loss, nowUs);
    this.#stream = null;
  }

  /** Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.end();
    this.#socket.close();
  }

  #receive(message: Buffer, remote: RemoteInfo): void {
    const stream = this.#stream;
    if (
      stream === null ||
      remote.port !== stream.start.sourcePort ||
      remote.address !== stream.start.sourceIp
    ) {
      this.#counters.packetsForeign += 1;
      return;
    }
    const nowUs = this.#now();
    if (isRtcp(message)) {
      this.#receiveRtcp(message, nowUs);
      return;
    }
    const packet = stream.srtpReceiver === null ? message : stream.srtpReceiver.unprotectRtp(message);
    if (packet === null || rtpHeaderBytes(packet) < 0) {
      this.#counters.packetsMalformed += 1;
      return;
    }
    if (ssrcOf(packet) !== stream.start.ssrc || payloadTypeOf(packet) !== stream.start.payloadType) {
      this.#counters.packetsForeign += 1;
      return;
    }
    if (!stream.window.accept(sequenceOf(packet), nowUs)) {
      this.#counters.packetsDuplicate += 1;
      return;
    }
    stream.feedback.packet(timestampOf(packet), nowUs);
    this.#sink.rtp(packet, nowUs);
  }

  #receiveRtcp(message: Buffer, nowUs: number): void {
    const stream = this.#stream;
    if (stream === null) return;
    const packet = stream.srtpReceiver === null ? message : stream.srtpReceiver.unprotectRtcp(message);
    const reports = packet === null ? null : parseSenderReports(packet);
    if (reports === null) {
      this.#counters.packetsMalformed += 1;
      return;
    }
    for (const report of reports) {
      if (report.ssrc !== stream.start.ssrc) continue;
      stream.feedback.senderReport(report, nowUs);
      this.#sink.senderReport(report, nowUs);
    }
  }
}

export interface TapOptions {
  ip: string;
  kind: MediaKind;
  secured: boolean;
  sink: TapSink;
  counters: TapCounters;
  /** Session time, µs. */
  now: () => number;
}
