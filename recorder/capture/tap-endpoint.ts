import { randomInt } from 'node:crypto';
import type { Clock } from '@cratersync/infra/runtime';
import type { MediaKind } from '@cratersync/signaling/protocol';
import type { TrackEvent } from '../format/index.ts';
import { QUIET_US } from '../journal/ledger.ts';
import { Feedback } from './feedback.ts';
import { FloodGate } from './flood-gate.ts';
import { type PictureSize, type SizeReader, sizeReaderOf } from './picture.ts';
import { type Hole, ReceiveWindow } from './receive-window.ts';
import { parseSenderReports, type SenderReport } from './rtcp.ts';
import { isRtcp, payloadTypeOf, rtpHeaderBytes, sequenceOf, ssrcOf, timestampOf } from './rtp.ts';
import { deriveSrtpKeys, newMasterKeyBase64, SrtpReceiver, SrtpSender } from './srtp.ts';
import type { UdpPort, UdpReceiver } from './udp/udp-receiver.ts';

/** What the kernel holds for us while we are busy: some seconds of video, far more of audio. */
const RECEIVE_BUFFER_BYTES: Record<MediaKind, number> = { audio: 1 << 20, video: 4 << 20 };
const DROPS_INTERVAL_US = 1_000_000;
/** So many unannounced streams are told of; a fuzzer could invent any number. */
const MAX_FOREIGN_TOLD = 8;

export interface SrtpKey {
  cryptoSuite: 'AEAD_AES_256_GCM';
  keyBase64: string;
}

/** What will arrive, and from where. */
export interface TapStart {
  ssrc: number;
  payloadType: number;
  mimeType: string;
  clockRateHz: number;
  sourceIp: string;
  sourcePort: number;
  /** The sender's key; null for plain RTP. */
  srtp: SrtpKey | null;
}

/** Takes what a tap brings. */
export interface TapSink {
  /** @param packet at the beginning of this memory, which is overwritten after the call; `bytes` is its length */
  rtp(packet: Buffer, bytes: number, atUs: number): void;
  senderReport(report: SenderReport, atUs: number): void;
  /** So many packets came after they were asked for again. */
  recovered(packets: number): void;
  /** What is noticed of the stream, for the journal. */
  event(event: TrackEvent): void;
}

export interface TapCounters {
  packetsDuplicate: number;
  packetsMalformed: number;
  packetsForeign: number;
}

interface Stream {
  start: TapStart;
  window: ReceiveWindow;
  feedback: Feedback;
  srtpReceiver: SrtpReceiver | null;
  sizeOf: SizeReader | null;
  size: PictureSize;
  foreignTold: Set<number>;
}

/** The receiving end of one tap: a UDP port for RTP and RTCP of one stream (RFC 5761). */
export class TapEndpoint {
  /** Our own sending key; null when the tap stays within the machine. */
  readonly srtp: SrtpKey | null;
  readonly #options: TapOptions;
  readonly #port: UdpPort;
  readonly #gate: FloodGate;
  readonly #srtpSender: SrtpSender | null;
  readonly #ownSsrc = randomInt(1, 2 ** 32);
  #stream: Stream | null = null;
  #nextDropsUs = 0;
  #closed = false;

  private constructor(port: UdpPort, options: TapOptions) {
    this.#port = port;
    this.#options = options;
    this.#gate = new FloodGate(options.kind);
    this.srtp = options.secured ? { cryptoSuite: 'AEAD_AES_256_GCM', keyBase64: newMasterKeyBase64() } : null;
    this.#srtpSender = this.srtp === null ? null : new SrtpSender(deriveSrtpKeys(this.srtp.keyBase64));
  }

  /** Binds a free port of `ip`. */
  static async open(options: TapOptions): Promise<TapEndpoint> {
    const port = await options.receiver.open({
      ip: options.ip,
      receiveBufferBytes: RECEIVE_BUFFER_BYTES[options.kind],
      // Nothing arrives before the port is told to listen, which the endpoint does.
      onPacket: (memory, bytes, clockUs) => endpoint.#receive(memory, bytes, clockUs - options.zeroUs),
    });
    const endpoint = new TapEndpoint(port, options);
    return endpoint;
  }

  get port(): number {
    return this.#port.port;
  }

  /** From now on what `start` describes is received; anything else is counted and dropped. */
  start(start: TapStart): void {
    this.end();
    const { kind } = this.#options;
    const { clockRateHz } = start;
    this.#stream = {
      start,
      window: new ReceiveWindow({ clockRateHz, quietUs: QUIET_US[kind] }),
      feedback: new Feedback({ ...start, kind }, this.#ownSsrc, this.#now()),
      srtpReceiver: start.srtp === null ? null : new SrtpReceiver(deriveSrtpKeys(start.srtp.keyBase64)),
      sizeOf: sizeReaderOf(start.mimeType),
      size: { widthPx: 0, heightPx: 0 },
      foreignTold: new Set(),
    };
    this.#port.listenTo({ ip: start.sourceIp, port: start.sourcePort });
  }

  /** Tells what is lost for good, and sends the feedback that is due. Called at every tick of the recorder. */
  tick(nowUs: number, muted: boolean): void {
    if (this.#closed) return;
    if (nowUs >= this.#nextDropsUs) {
      this.#nextDropsUs = nowUs + DROPS_INTERVAL_US;
      this.#tellDrops();
    }
    const stream = this.#stream;
    if (stream === null) return;
    this.#tellHoles(stream.window.takeHoles(nowUs));
    this.#options.sink.recovered(stream.window.takeRecovered());
    const packet = stream.feedback.due(nowUs, stream.window, muted);
    if (packet !== null) this.#port.send(this.#srtpSender?.protectRtcp(packet) ?? packet);
  }

  /** The stream is over: what is still missing is lost. */
  end(): void {
    this.#port.listenTo(null);
    this.#tellHoles(this.#stream?.window.end() ?? []);
    this.#stream = null;
  }

  /** Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#port.close();
    this.#tellDrops();
    this.end();
    this.#closed = true;
  }

  #now(): number {
    return this.#options.clock.nowUs() - this.#options.zeroUs;
  }

  #tellHoles(holes: readonly Hole[]): void {
    for (const { packets, fromUs, toUs } of holes) {
      if (packets === 0) this.#options.sink.event({ kind: 'silent', fromUs, toUs });
      else this.#options.sink.event({ kind: 'lost', packets, fromUs, toUs });
    }
  }

  #tellDrops(): void {
    const { counters, sink } = this.#options;
    const { foreign, oversized, kernel } = this.#port.takeDrops();
    counters.packetsForeign += foreign;
    counters.packetsMalformed += oversized;
    if (kernel > 0) sink.event({ kind: 'dropped', by: 'kernel', packets: kernel });
    const flood = this.#gate.takeDropped();
    if (flood > 0) sink.event({ kind: 'dropped', by: 'flood', packets: flood });
  }

  #receive(memory: Buffer, bytes: number, arrivedUs: number): void {
    const stream = this.#stream;
    if (stream === null) return;
    const atUs = Math.max(0, arrivedUs);
    if (!this.#gate.pass(bytes, atUs)) return;
    // The second byte of a message that has none is left from the one before: neither reader takes so short a one.
    if (isRtcp(memory)) this.#receiveRtcp(stream, memory.subarray(0, bytes), atUs);
    else if (stream.srtpReceiver === null) this.#receiveRtp(stream, memory, bytes, atUs);
    else {
      const packet = stream.srtpReceiver.unprotectRtp(memory.subarray(0, bytes));
      if (packet === null) this.#options.counters.packetsMalformed += 1;
      else this.#receiveRtp(stream, packet, packet.length, atUs);
    }
  }

  #receiveRtp(stream: Stream, packet: Buffer, bytes: number, atUs: number): void {
    const { counters, sink } = this.#options;
    const headerBytes = rtpHeaderBytes(packet, bytes);
    if (headerBytes < 0) {
      counters.packetsMalformed += 1;
      return;
    }
    if (ssrcOf(packet) !== stream.start.ssrc || payloadTypeOf(packet) !== stream.start.payloadType) {
      this.#foreign(stream, packet);
      return;
    }
    const timestamp = timestampOf(packet);
    if (!stream.window.accept(sequenceOf(packet), timestamp, atUs)) {
      counters.packetsDuplicate += 1;
      return;
    }
    stream.feedback.packet(timestamp, atUs);
    const size = stream.sizeOf === null ? null : stream.sizeOf(packet, headerBytes, bytes);
    if (size !== null) this.#resized(stream, size);
    sink.rtp(packet, bytes, atUs);
  }

  /**
   * A stream that was not announced, from the tap's own sender. A consumer of mediasoup keeps its SSRC and payload type
   * whatever its publisher does, so a change comes as another `start`; what comes without one belongs to nobody. It is
   * dropped, and the journal says once what it was.
   */
  #foreign({ foreignTold }: Stream, packet: Buffer): void {
    this.#options.counters.packetsForeign += 1;
    const ssrc = ssrcOf(packet);
    const payloadType = payloadTypeOf(packet);
    const what = ssrc * 128 + payloadType;
    if (foreignTold.size >= MAX_FOREIGN_TOLD || foreignTold.has(what)) return;
    foreignTold.add(what);
    this.#options.sink.event({ kind: 'foreign', ssrc, payloadType });
  }

  /** Another camera, another simulcast layer, a shared window that was resized. */
  #resized(stream: Stream, size: PictureSize): void {
    if (size.widthPx === stream.size.widthPx && size.heightPx === stream.size.heightPx) return;
    stream.size = size;
    this.#options.sink.event({ kind: 'resolution', ...size });
  }

  #receiveRtcp(stream: Stream, message: Buffer, atUs: number): void {
    const packet = stream.srtpReceiver === null ? message : stream.srtpReceiver.unprotectRtcp(message);
    const reports = packet === null ? null : parseSenderReports(packet);
    if (reports === null) {
      this.#options.counters.packetsMalformed += 1;
      return;
    }
    for (const report of reports) {
      if (report.ssrc !== stream.start.ssrc) continue;
      stream.feedback.senderReport(report, atUs);
      this.#options.sink.senderReport(report, atUs);
    }
  }
}

export interface TapOptions {
  receiver: UdpReceiver;
  ip: string;
  kind: MediaKind;
  secured: boolean;
  sink: TapSink;
  counters: TapCounters;
  clock: Clock;
  /** The clock's reading at session time zero. */
  zeroUs: number;
}
