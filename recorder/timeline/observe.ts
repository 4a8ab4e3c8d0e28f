import type { Point } from './line.ts';
import { sequenceUnwrapper, timestampUnwrapper } from './unwrap.ts';

/** What one RTP stream (an SSRC of a track) shows of its clock. Collected in one pass, in order of arrival. */

export interface ObservedReport {
  atUs: number;
  ntpUs: number;
  /** Media time: RTP timestamp, unwrapped, in µs of the stream's nominal clock. */
  mediaUs: number;
  /** Of all packets before it, the one with the highest RTP timestamp: what the SFU computed it from. */
  newest: { mediaUs: number; atUs: number };
}

/** Where in a bin the transit time jumped most. */
export interface Jump {
  /** Of the packet behind it. */
  sequence: number;
  atUs: number;
  us: number;
}

/** The fastest packet of about a second: the one that shows the clock best. */
export interface ArrivalBin {
  firstSequence: number;
  firstAtUs: number;
  lastAtUs: number;
  /** x: media time, y: arrival; of the packet with the least y − x */
  fastest: Point;
  /** The largest jump of the transit time to more, and to less, up to the bin's last packet. */
  up: Jump;
  down: Jump;
}

const BIN_US = 1_000_000;
/** A jump of the transit time beyond this starts a bin of its own, so that no bin mixes both sides of it. */
export const JUMP_US = 400_000;

export class StreamObserver {
  readonly clockId: string;
  readonly clockRateHz: number;
  readonly reports: ObservedReport[] = [];
  readonly bins: ArrivalBin[] = [];
  /** Unwrapped; of the first packet to arrive. */
  firstSequence = 0;
  /** Least distance of consecutive packets in µs of media time: for audio, what one packet holds. */
  packetUs = Number.POSITIVE_INFINITY;
  readonly #sequence = sequenceUnwrapper();
  readonly #timestamp = timestampUnwrapper();
  #last: { sequence: number; mediaUs: number; transitUs: number } | null = null;
  #newest = { mediaUs: Number.NEGATIVE_INFINITY, atUs: 0 };

  constructor(info: { clockId: string; clockRateHz: number }) {
    this.clockId = info.clockId;
    this.clockRateHz = info.clockRateHz;
  }

  packet(atUs: number, sequenceNumber: number, rtpTimestamp: number): void {
    const sequence = this.#sequence.next(sequenceNumber);
    const mediaUs = (this.#timestamp.next(rtpTimestamp) / this.clockRateHz) * 1e6;
    const transitUs = atUs - mediaUs;
    const last = this.#last;
    if (last === null) this.firstSequence = sequence;
    if (last !== null && sequence === last.sequence + 1 && mediaUs > last.mediaUs) {
      this.packetUs = Math.min(this.packetUs, mediaUs - last.mediaUs);
    }
    const jump = { sequence, atUs, us: last === null ? 0 : transitUs - last.transitUs };
    this.#last = { sequence, mediaUs, transitUs };
    if (mediaUs > this.#newest.mediaUs) this.#newest = { mediaUs, atUs };
    const bin = this.bins.at(-1);
    if (bin === undefined || Math.abs(jump.us) > JUMP_US || atUs - bin.firstAtUs >= BIN_US) {
      const fastest = { x: mediaUs, y: atUs };
      this.bins.push({
        firstSequence: sequence,
        firstAtUs: atUs,
        lastAtUs: atUs,
        fastest,
        up: jump,
        down: jump,
      });
      return;
    }
    bin.lastAtUs = atUs;
    if (jump.us > bin.up.us) bin.up = jump;
    if (jump.us < bin.down.us) bin.down = jump;
    bin.firstSequence = Math.min(bin.firstSequence, sequence);
    if (transitUs < bin.fastest.y - bin.fastest.x) bin.fastest = { x: mediaUs, y: atUs };
  }

  /** Reports before the first packet cannot be unwrapped beside it and are left out. */
  report(atUs: number, ntpUs: number, rtpTimestamp: number): void {
    if (this.#last === null) return;
    const mediaUs = (this.#timestamp.near(rtpTimestamp) / this.clockRateHz) * 1e6;
    this.reports.push({ atUs, ntpUs, mediaUs, newest: this.#newest });
  }
}
