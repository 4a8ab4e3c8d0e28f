import { MediaClock } from './media-clock.ts';
import { sequenceDistance } from './rtp.ts';

/** How far behind the newest a packet is still told from a duplicate. */
const WINDOW_PACKETS = 2048;
/** A packet missing for longer than either of these is lost: a stem does not wait longer, nor does mediasoup keep it. */
const REORDER_PACKETS = 1024;
const REORDER_US = 2_000_000;
/** A hole that is still open then will hardly be filled. */
const OVERDUE_US = 1_000_000;
/** Most reordering is over by then; asking earlier would only ask for what is on its way. */
const FIRST_NACK_US = 20_000;
const NACK_INTERVAL_US = 150_000;
const MAX_NACKS = 10;

const NONE: readonly never[] = [];

/** A stretch of a stream that is not there. */
export interface Hole {
  /** How many packets were lost; 0 when none were sent. */
  packets: number;
  /** When the last packet before it and the first one behind it came, or would have come without queueing. */
  fromUs: number;
  toUs: number;
}

export interface StreamPace {
  clockRateHz: number;
  /** Media further apart than this leaves a hole even if no packet is missing. */
  quietUs: number;
}

interface Missing {
  sequence: number;
  /** Arrival of the packet that showed that it is missing. */
  sinceUs: number;
  nextNackUs: number;
  nacks: number;
}

/**
 * Where a stream stands: unwraps sequence numbers, tells duplicates, finds what is missing, says when to ask for it
 * again and when to give it up. All instants are inputs. After RFC 3550 appendix A.1, with a window to look back.
 *
 * Late packets are accepted as they come: the reader of the journal sorts. So are packets from before the window,
 * because they may be the first of a stream that jumped: two such in a row move the window there.
 *
 * Packets are accounted for in the order in which they were sent, once everything before them has come or is given
 * up: what a retransmission fills leaves no hole, however long the silence was.
 */
export class ReceiveWindow {
  readonly #clock: MediaClock;
  readonly #quietUs: number;
  /** Per slot the unwrapped sequence number last seen there, never cleared since a number is used once; its media time. */
  readonly #seen = new Float64Array(WINDOW_PACKETS).fill(-1);
  readonly #mediaUs = new Float64Array(WINDOW_PACKETS);
  #first = -1;
  #highest = -1;
  #received = 0;
  #jumpedTo = -1;
  #missing: Missing[] = [];
  /** The newest packet that is lost or overdue, and up to where that has been told. */
  #damagedUntil = -1;
  #damageTold = -1;
  /** Everything up to here is accounted for; `#skipped` packets before it are lost, since one of this media time. */
  #settled = -1;
  #settledMediaUs = 0;
  #skipped = 0;
  #holes: Hole[] = [];
  #recovered = 0;
  #expectedBefore = 0;
  #receivedBefore = 0;

  constructor({ clockRateHz, quietUs }: StreamPace) {
    this.#clock = new MediaClock(clockRateHz);
    this.#quietUs = quietUs;
  }

  /** @returns false for a duplicate */
  accept(sequence: number, timestamp: number, atUs: number): boolean {
    if (this.#highest < 0) return this.#begin(sequence, timestamp, atUs);
    let unwrapped = this.#highest + sequenceDistance(sequence, this.#highest & 0xffff);
    if (unwrapped <= this.#highest - WINDOW_PACKETS) {
      if (sequence !== this.#jumpedTo) {
        this.#jumpedTo = (sequence + 1) & 0xffff;
        this.#received += 1;
        return true;
      }
      unwrapped += 0x10000;
      this.#advance(unwrapped - 1, timestamp, atUs);
    }
    if (unwrapped > this.#highest) this.#advance(unwrapped, timestamp, atUs);
    else if (this.#seen[unwrapped % WINDOW_PACKETS] === unwrapped) return false;
    else this.#fill(unwrapped, timestamp);
    this.#received += 1;
    this.#jumpedTo = -1;
    return true;
  }

  /** @returns the holes that can no longer be filled, each once, oldest first */
  takeHoles(nowUs: number): Hole[] {
    this.#giveUpUntil(this.#highest, nowUs);
    if (this.#holes.length === 0) return this.#holes;
    const holes = this.#holes;
    this.#holes = [];
    return holes;
  }

  /** @returns the unwrapped sequence numbers to ask for now, ascending */
  takeNacks(nowUs: number): readonly number[] {
    if (this.#missing.length === 0) return NONE;
    const due: number[] = [];
    for (const missing of this.#missing) {
      if (missing.nacks >= MAX_NACKS || missing.nextNackUs > nowUs) continue;
      missing.nacks += 1;
      missing.nextNackUs = nowUs + NACK_INTERVAL_US;
      due.push(missing.sequence);
    }
    return due;
  }

  /** @returns how many packets came after they were asked for again, since the last call */
  takeRecovered(): number {
    const recovered = this.#recovered;
    this.#recovered = 0;
    return recovered;
  }

  /** @returns true once for packets that are lost, or have been missing for a second */
  takeDamage(nowUs: number): boolean {
    for (const { sequence, sinceUs } of this.#missing) {
      if (nowUs - sinceUs < OVERDUE_US) break;
      this.#damagedUntil = Math.max(this.#damagedUntil, sequence);
    }
    const damaged = this.#damagedUntil > this.#damageTold;
    this.#damageTold = this.#damagedUntil;
    return damaged;
  }

  /** Gives up all that is still missing: the stream has ended. */
  end(): Hole[] {
    this.#missing = [];
    this.#settle();
    return this.takeHoles(0);
  }

  /** What a receiver report says of reception (RFC 3550 appendix A.3); the fraction is since the last call. */
  takeReception() {
    const expected = this.#highest < 0 ? 0 : this.#highest - this.#first + 1;
    const expectedNow = expected - this.#expectedBefore;
    const lostNow = expectedNow - (this.#received - this.#receivedBefore);
    this.#expectedBefore = expected;
    this.#receivedBefore = this.#received;
    return {
      fractionLost: expectedNow <= 0 || lostNow <= 0 ? 0 : Math.floor((lostNow * 256) / expectedNow),
      cumulativeLost: expected - this.#received,
      highestSequence: this.#highest < 0 ? 0 : this.#highest - 0x10000,
    };
  }

  #begin(sequence: number, timestamp: number, atUs: number): true {
    // One cycle up, so that an older one that comes late does not fall below zero.
    this.#first = this.#highest = this.#settled = sequence + 0x10000;
    this.#settledMediaUs = this.#clock.next(timestamp, atUs);
    this.#mark(this.#first, this.#settledMediaUs);
    this.#received += 1;
    return true;
  }

  #mark(unwrapped: number, mediaUs: number): void {
    const slot = unwrapped % WINDOW_PACKETS;
    this.#seen[slot] = unwrapped;
    this.#mediaUs[slot] = mediaUs;
  }

  /** A packet ahead of all others. */
  #advance(unwrapped: number, timestamp: number, atUs: number): void {
    if (this.#missing.length > 0) this.#giveUpUntil(unwrapped, atUs);
    // A hole wider than the reorder window is lost as it appears; asking for so much would make matters worse.
    const firstHoped = Math.max(this.#highest + 1, unwrapped - REORDER_PACKETS + 1);
    if (firstHoped > this.#highest + 1) this.#damagedUntil = firstHoped - 1;
    for (let sequence = firstHoped; sequence < unwrapped; sequence += 1) {
      this.#missing.push({ sequence, sinceUs: atUs, nextNackUs: atUs + FIRST_NACK_US, nacks: 0 });
    }
    this.#highest = unwrapped;
    this.#mark(unwrapped, this.#clock.next(timestamp, atUs));
    this.#settle();
  }

  /** A packet behind others: reordered, or sent again. */
  #fill(unwrapped: number, timestamp: number): void {
    this.#mark(unwrapped, this.#clock.before(timestamp));
    const index = this.#missing.findIndex(missing => missing.sequence === unwrapped);
    if (index < 0) return;
    if (this.#missing.splice(index, 1)[0]?.nacks !== 0) this.#recovered += 1;
    if (index === 0) this.#settle();
  }

  #giveUpUntil(highest: number, nowUs: number): void {
    let given = 0;
    for (const { sequence, sinceUs } of this.#missing) {
      if (highest - sequence < REORDER_PACKETS && nowUs - sinceUs < REORDER_US) break;
      this.#damagedUntil = Math.max(this.#damagedUntil, sequence);
      given += 1;
    }
    if (given === 0) return;
    this.#missing.splice(0, given);
    this.#settle();
  }

  /** Accounts for all packets before the first that may still come. */
  #settle(): void {
    const end = this.#missing[0]?.sequence ?? this.#highest + 1;
    for (let sequence = this.#settled + 1; sequence < end; sequence += 1) {
      const slot = sequence % WINDOW_PACKETS;
      this.#settled = sequence;
      if (this.#seen[slot] !== sequence) this.#skipped += 1;
      else this.#settlePresent(this.#mediaUs[slot] ?? 0);
    }
  }

  #settlePresent(mediaUs: number): void {
    const packets = this.#skipped;
    if (packets > 0 || mediaUs - this.#settledMediaUs > this.#quietUs) {
      const fromUs = Math.round(this.#clock.arrivalUs(this.#settledMediaUs));
      const toUs = Math.max(fromUs, Math.round(this.#clock.arrivalUs(mediaUs)));
      this.#holes.push({ packets, fromUs, toUs });
    }
    this.#skipped = 0;
    this.#settledMediaUs = mediaUs;
  }
}
