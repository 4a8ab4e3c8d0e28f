import type { Clock } from '@cratersync/infra/runtime';
import type { MediaKind, MediaLayers } from '@cratersync/signaling/protocol';
import type { Held } from '../control.ts';
import type { StreamInfo, TrackEvent } from '../format/index.ts';
import type { ChunkWriter } from '../journal/chunk-writer.ts';
import type { Ledger } from '../journal/ledger.ts';
import type { SenderReport } from './rtcp.ts';
import { TapEndpoint, type TapSink, type TapStart } from './tap-endpoint.ts';
import type { UdpReceiver } from './udp/udp-receiver.ts';

export interface MailboxOptions {
  kind: MediaKind;
  ledger: Ledger;
  writer: ChunkWriter;
  receiver: UdpReceiver;
  clock: Clock;
  /** The clock's reading at session time zero. */
  zeroUs: number;
  /** False when the disk is so far behind that this kind of media must be dropped. */
  hasRoom: (kind: MediaKind) => boolean;
}

/** One track: takes what its tap brings, and writes it to the track's chunks and account. */
export class Mailbox implements TapSink {
  readonly #options: MailboxOptions;
  /** null until it is opened in this process: a track that was taken over, or one that is closed. */
  #endpoint: TapEndpoint | null = null;
  #opening: Promise<TapEndpoint> | null = null;
  #started: string | null = null;
  /** When something last came, or was first to be expected. */
  #lastPacketUs = 0;
  #layers: MediaLayers | null = null;
  #recovered = 0;
  /** It is not being kept, and the account says so. */
  #shedding = false;

  constructor(options: MailboxOptions) {
    this.#options = options;
  }

  /** Packets that came after they were asked for again. */
  get recoveredCount(): number {
    return this.#recovered;
  }

  /** It has been told what to receive, and from where. */
  get receiving(): boolean {
    return this.#started !== null;
  }

  /** Binds the track's port; the same one when asked again. */
  async open(ip: string, secured: boolean): Promise<TapEndpoint> {
    const { counters } = this.#options.ledger;
    this.#opening ??= TapEndpoint.open({ ...this.#options, ip, secured, sink: this, counters });
    try {
      this.#endpoint = await this.#opening;
      return this.#endpoint;
    } catch (error) {
      this.#opening = null;
      throw error;
    }
  }

  /** Idempotent. A different start replaces the one before: the tap was made anew. */
  start(start: TapStart, stream: StreamInfo, held: Held): void {
    if (this.#endpoint === null) throw new Error('a track is started before it is opened');
    const { ledger, writer } = this.#options;
    const asked = JSON.stringify([start, stream]);
    if (this.#started !== asked) {
      this.#started = asked;
      this.#layers = null;
      this.#endpoint.start(start);
      // One chunk holds one stream: the next begins with this one.
      writer.close();
      ledger.event({ kind: 'stream', ...stream }, this.#now());
      this.#lastPacketUs = this.#now();
    }
    this.hold(held);
  }

  /** The person mutes, the host pauses the recording, or neither any more. */
  hold(held: Held): void {
    const { ledger } = this.#options;
    if (held === ledger.held) return;
    this.event({ kind: held === 'open' ? 'unmuted' : held });
    this.#lastPacketUs = this.#now();
  }

  /** Noted once, however often it is told; not before a stream is there. */
  layers(layers: MediaLayers): void {
    if (!this.receiving) return;
    const { spatial, temporal } = layers;
    if (this.#layers?.spatial === spatial && this.#layers.temporal === temporal) return;
    this.#layers = { spatial, temporal };
    this.event({ kind: 'layers', spatial, temporal });
  }

  /** @param patienceUs how long nothing may come before that is remarkable */
  health(nowUs: number, patienceUs: number): 'flowing' | 'muted' | 'paused' | 'gone' | 'no-packets' {
    const { ledger } = this.#options;
    if (ledger.closed) return 'gone';
    if (ledger.held !== 'open') return ledger.held;
    return nowUs - this.#lastPacketUs > patienceUs ? 'no-packets' : 'flowing';
  }

  /** Idempotent. Nothing is received any more, and the last chunk is sealed. */
  close(cause: string, atUs = this.#now()): void {
    this.#endpoint?.close();
    this.#endpoint = null;
    this.#opening = null;
    this.#started = null;
    if (!this.#options.ledger.closed) this.event({ kind: 'closed', cause }, atUs);
    this.#options.writer.close();
  }

  /** Feedback to the sender, at every tick of the recorder. */
  tick(nowUs: number): void {
    this.#endpoint?.tick(nowUs, this.#options.ledger.held !== 'open');
  }

  /** Seals what has come so far, for the commit that follows. */
  flush(nowUs: number): void {
    this.#options.writer.flush(nowUs);
  }

  rtp(packet: Buffer, bytes: number, atUs: number): void {
    const { kind, ledger, writer, hasRoom } = this.#options;
    const stream = ledger.lastStream;
    if (stream === null) return;
    this.#lastPacketUs = atUs;
    if (!hasRoom(kind)) {
      if (!this.#shedding) this.event({ kind: 'shed' });
      this.#shedding = true;
      return;
    }
    this.#shedding = false;
    // Written first: if that seals the chunk before, its account must not hold this packet yet.
    writer.writePacket(packet, bytes, atUs, stream);
    ledger.packet(bytes, atUs);
  }

  recovered(packets: number): void {
    this.#recovered += packets;
  }

  senderReport(report: SenderReport, atUs: number): void {
    const { ledger, writer } = this.#options;
    if (ledger.lastStream === null) return;
    const { ssrc, ntpUs, rtpTimestamp, packetCount } = report;
    writer.write({ type: 'sender-report', atUs, ssrc, ntpUs, rtpTimestamp, packetCount }, ledger.lastStream);
  }

  event(event: TrackEvent, atUs = this.#now()): void {
    const { ledger, writer } = this.#options;
    // A track that never had a stream has no chunks; its account says it all.
    if (ledger.lastStream !== null) writer.write({ type: 'event', atUs, event }, ledger.lastStream);
    ledger.event(event, atUs);
  }

  /** Session time, µs. */
  #now(): number {
    return this.#options.clock.nowUs() - this.#options.zeroUs;
  }
}
