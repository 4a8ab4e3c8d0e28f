import type { MediaKind } from '@cratersync/signaling/protocol';
import type { ReceiveWindow } from './receive-window.ts';
import { genericNack, pictureLoss, receiverReport, type SenderReport } from './rtcp.ts';

const REPORT_INTERVAL_US = 1_000_000;
const PICTURE_LOSS_INTERVAL_US = 1_000_000;
/** Video that stands still for longer is asked for a key frame: its sender may have lost track of us. */
const STALLED_US = 500_000;

export interface StreamFacts {
  kind: MediaKind;
  ssrc: number;
  clockRateHz: number;
}

/** Decides what the sender of one stream is told, and when. All instants are inputs. */
export class Feedback {
  readonly #stream: StreamFacts;
  readonly #ownSsrc: number;
  #lastPacketUs: number;
  #pictureWanted: boolean;
  #nextPictureUs = 0;
  #nextReportUs: number;
  #jitter = 0;
  #transit: number | null = null;
  #lastReport: { ntpCompact: number; atUs: number } | null = null;

  constructor(stream: StreamFacts, ownSsrc: number, nowUs: number) {
    this.#stream = stream;
    this.#ownSsrc = ownSsrc;
    this.#lastPacketUs = nowUs;
    this.#nextReportUs = nowUs;
    this.#pictureWanted = stream.kind === 'video';
  }

  packet(rtpTimestamp: number, atUs: number): void {
    this.#lastPacketUs = atUs;
    // RFC 3550 appendix A.8; arithmetic on the circle of 2^32.
    const transit = (Math.round((atUs * this.#stream.clockRateHz) / 1_000_000) - rtpTimestamp) | 0;
    if (this.#transit !== null) {
      this.#jitter += (Math.abs((transit - this.#transit) | 0) - this.#jitter) / 16;
    }
    this.#transit = transit;
  }

  senderReport(report: SenderReport, atUs: number): void {
    this.#lastReport = { ntpCompact: report.ntpCompact, atUs };
  }

  /** @returns what is due now as one compound packet, or null */
  due(nowUs: number, window: ReceiveWindow, muted: boolean): Buffer | null {
    const parts: Buffer[] = [];
    if (nowUs >= this.#nextReportUs) {
      this.#nextReportUs = nowUs + REPORT_INTERVAL_US;
      parts.push(this.#report(nowUs, window));
    }
    const nacks = window.takeNacks(nowUs);
    if (nacks.length > 0) parts.push(genericNack(this.#ownSsrc, this.#stream.ssrc, nacks));
    if (this.#pictureDue(nowUs, window, muted)) {
      this.#pictureWanted = false;
      this.#nextPictureUs = nowUs + PICTURE_LOSS_INTERVAL_US;
      parts.push(pictureLoss(this.#ownSsrc, this.#stream.ssrc));
    }
    return parts.length === 0 ? null : Buffer.concat(parts);
  }

  #pictureDue(nowUs: number, window: ReceiveWindow, muted: boolean): boolean {
    // What depends on lost packets cannot be decoded.
    if (window.takeDamage(nowUs)) this.#pictureWanted = true;
    if (this.#stream.kind === 'audio' || muted || nowUs < this.#nextPictureUs) return false;
    return this.#pictureWanted || nowUs - this.#lastPacketUs > STALLED_US;
  }

  #report(nowUs: number, window: ReceiveWindow): Buffer {
    const last = this.#lastReport;
    return receiverReport(this.#ownSsrc, {
      ssrc: this.#stream.ssrc,
      ...window.takeReception(),
      jitter: Math.round(this.#jitter),
      lastReport: last?.ntpCompact ?? 0,
      delaySinceLastReport: last === null ? 0 : Math.round(((nowUs - last.atUs) * 65_536) / 1_000_000),
    });
  }
}
