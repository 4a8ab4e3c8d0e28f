import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { types } from 'mediasoup';
import { rtpPacket, senderReport } from '../support/rtp.ts';

/** A sent stream: what is needed for a Sender Report of it at any time. */
export interface Outgoing {
  kind: types.MediaKind;
  ssrc: number;
  payloadType: number;
  clockRateHz: number;
  packets: OutgoingPacket[];
}

export interface OutgoingPacket {
  sequence: number;
  timestamp: number;
  marker: boolean;
  payload: Buffer;
  /** When its media was captured, and when it is handed to the network; rig time, s. */
  capturedS: number;
  sentS: number;
  lost: boolean;
}

export interface Path {
  delayMs: number;
  /** For the next packet, RTP or RTCP. */
  jitterMs: () => number;
}

export interface Reporting {
  everyS: number;
  firstIsWrong: boolean;
  wallOffsetS: number;
}

export interface PublisherOptions {
  /** Of the SFU, on loopback. */
  port: number;
  streams: Outgoing[];
  path: Path;
  reporting: Reporting | null;
  /** Rig time, s. */
  now: () => number;
}

const NTP_1900_S = 3_900_000_000;
const XR_RECEIVER_TIME = 4;
const XR_DELAY = 5;

/**
 * The sending end of one connection: a socket, behind a network that delays and loses. Everything it does follows from
 * rig time, which is handed in.
 */
export class Publisher {
  readonly #socket: Socket;
  readonly #port: number;
  readonly #streams: { outgoing: Outgoing; last: OutgoingPacket | null; next: number; sent: number }[];
  readonly #path: Path;
  readonly #reporting: Reporting | null;
  /** On its way to the SFU. */
  #underway: { arrivesS: number; bytes: Buffer }[] = [];
  /** Receiver reference times on their way to us, and the newest that has come. */
  #echoes: { comesS: number; compactNtp: number }[] = [];
  #echo: { comesS: number; compactNtp: number } | null = null;
  #nextReportS: number;
  #reports = 0;
  readonly #now: () => number;

  private constructor(socket: Socket, { port, streams, path, reporting, now }: PublisherOptions) {
    this.#socket = socket;
    this.#port = port;
    this.#path = path;
    this.#reporting = reporting;
    this.#now = now;
    this.#streams = streams.map(outgoing => ({ outgoing, last: null, next: 0, sent: 0 }));
    const firstS = Math.min(...streams.map(({ packets }) => packets[0]?.sentS ?? Number.POSITIVE_INFINITY));
    this.#nextReportS = firstS + 0.3;
    socket.on('message', message => this.#receive(message));
  }

  static async open(options: PublisherOptions): Promise<Publisher> {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return new Publisher(socket, options);
  }

  close(): void {
    this.#socket.close();
  }

  /** Rig time has come to `nowS`: sends what is due. */
  advance(nowS: number): void {
    for (const stream of this.#streams) {
      const { packets, ssrc, payloadType } = stream.outgoing;
      for (
        let packet = packets[stream.next];
        packet !== undefined && packet.sentS <= nowS;
        packet = packets[stream.next]
      ) {
        stream.next += 1;
        stream.sent += 1;
        stream.last = packet;
        const { sequence, timestamp, marker, payload } = packet;
        if (!packet.lost)
          this.#post(packet.sentS, rtpPacket({ ssrc, payloadType, sequence, timestamp, marker, payload }));
      }
    }
    if (this.#reporting !== null && nowS >= this.#nextReportS) {
      this.#nextReportS = nowS + this.#reporting.everyS;
      this.#report(nowS, this.#reporting);
    }
    const due = this.#underway.filter(({ arrivesS }) => arrivesS <= nowS);
    if (due.length === 0) return;
    this.#underway = this.#underway.filter(({ arrivesS }) => arrivesS > nowS);
    for (const { bytes } of due.sort((a, b) => a.arrivesS - b.arrivesS))
      this.#socket.send(bytes, this.#port, '127.0.0.1');
  }

  #post(sentS: number, bytes: Buffer): void {
    const { delayMs, jitterMs } = this.#path;
    this.#underway.push({ arrivesS: sentS + (delayMs + jitterMs()) / 1000, bytes });
  }

  /** As libwebrtc computes it: from the last packet's timestamp, as much further as time has passed since. */
  #report(nowS: number, { wallOffsetS, firstIsWrong }: Reporting): void {
    const parts: Buffer[] = [];
    while ((this.#echoes[0]?.comesS ?? Number.POSITIVE_INFINITY) <= nowS)
      this.#echo = this.#echoes.shift() ?? null;
    const wrongS = firstIsWrong && this.#reports === 0 ? -7200 : 0;
    this.#reports += 1;
    for (const { outgoing, last, sent } of this.#streams) {
      if (last === null) continue;
      const sinceS = nowS - last.capturedS;
      // A pause is no capture: nothing is reported of it.
      if (sinceS > 0.5) continue;
      const { ssrc, clockRateHz } = outgoing;
      parts.push(
        senderReport({
          ssrc,
          ntpUs: Math.round((NTP_1900_S + nowS + wallOffsetS + wrongS) * 1e6),
          rtpTimestamp: Math.round(last.timestamp + sinceS * clockRateHz),
          packetCount: sent,
        }),
      );
      if (this.#echo !== null) parts.push(this.#delaySince(ssrc, nowS, this.#echo));
    }
    if (parts.length > 0) this.#post(nowS, Buffer.concat(parts));
  }

  /** By which the SFU learns how long a round trip takes (RFC 3611 section 4.5). */
  #delaySince(ssrc: number, nowS: number, echo: { comesS: number; compactNtp: number }): Buffer {
    const block = Buffer.alloc(24);
    block.writeUInt8(0x80, 0);
    block.writeUInt8(207, 1);
    block.writeUInt16BE(5, 2);
    block.writeUInt32BE(ssrc, 4);
    block.writeUInt8(XR_DELAY, 8);
    block.writeUInt16BE(3, 10);
    block.writeUInt32BE(ssrc, 12);
    block.writeUInt32BE(echo.compactNtp, 16);
    block.writeUInt32BE(Math.round((nowS - echo.comesS) * 65_536), 20);
    return block;
  }

  /** Of all that comes back, only the SFU's reference time matters here (RFC 3611 section 4.4). */
  #receive(message: Buffer): void {
    const comesS = this.#now() + this.#path.delayMs / 1000;
    for (let at = 0; at + 8 <= message.length; at += 4 + 4 * message.readUInt16BE(at + 2)) {
      if (message[at + 1] !== 207 || message[at + 8] !== XR_RECEIVER_TIME) continue;
      this.#echoes.push({ comesS, compactNtp: message.readUInt32BE(at + 14) });
    }
  }
}
