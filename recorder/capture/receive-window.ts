import { sequenceDistance } from './rtp.ts';

/** How far behind the newest a packet is still told from a duplicate. */
const WINDOW_PACKETS = 2048;
/** A packet missing for longer than either of these is lost. */
const REORDER_PACKETS = 512;
const REORDER_US = 1_000_000;
/** Most reordering is over by then; asking earlier would only ask for what is on its way. */
const FIRST_NACK_US = 20_000;
const NACK_INTERVAL_US = 150_000;
const MAX_NACKS = 5;

export interface Loss {
  packets: number;
  /** Arrival of the last packet before the hole, and of the first one behind it. */
  fromUs: number;
  toUs: number;
}

interface Missing {
  sequence: number;
  fromUs: number;
  toUs: number;
  nextNackUs: number;
  nacks: number;
}

/**
 * Where a stream stands: unwraps sequence numbers, tells duplicates, finds what is missing, says when to ask for it
 * again and when to give it up. All instants are inputs. After RFC 3550 appendix A.1, with a window to look back.
 *
 * Late packets are accepted as they come: the reader of the journal sorts. So are packets from before the window,
 * because they may be the first of a stream that jumped: two such in a row move the window there.
 */
export class ReceiveWindow {
  /** Per slot the unwrapped sequence number last seen there; never cleared, since a number is used once. */
  readonly #seen = new Float64Array(WINDOW_PACKETS).fill(-1);
  #first = -1;
  #highest = -1;
  #highestAtUs = 0;
  #received = 0;
  #jumpedTo = -1;
  #missing: Missing[] = [];
  #lost: Loss[] = [];
  #expectedBefore = 0;
  #receivedBefore = 0;

  /** @returns false for a duplicate */
  accept(sequence: number, atUs: number): boolean {
    if (this.#highest < 0) {
      // One cycle up, so that an older one that comes late does not fall below zero.
      this.#first = this.#highest = sequence + 0x10000;
      this.#highestAtUs = atUs;
      return this.#take(this.#first);
    }
    let unwrapped = this.#highest + sequenceDistance(sequence, this.#highest & 0xffff);
    if (unwrapped <= this.#highest - WINDOW_PACKETS) {
      if (sequence !== this.#jumpedTo) {
        this.#jumpedTo = (sequence + 1) & 0xffff;
        this.#received += 1;
        return true;
      }
      unwrapped += 0x10000;
      this.#advance(unwrapped - 1, atUs);
    }
    if (unwrapped > this.#highest) this.#advance(unwrapped, atUs);
    else if (this.#seen[unwrapped % WINDOW_PACKETS] === unwrapped) return false;
    else if (this.#missing.length > 0) this.#found(unwrapped);
    return this.#take(unwrapped);
  }

  /** @returns the holes that can no longer be filled, each once, oldest first */
  takeLosses(nowUs: number): Loss[] {
    let given = 0;
    for (const missing of this.#missing) {
      if (this.#highest - missing.sequence < REORDER_PACKETS && nowUs - missing.toUs < REORDER_US) break;
      this.#giveUp(missing, 1);
      given += 1;
    }
    if (given > 0) this.#missing.splice(0, given);
    if (this.#lost.length === 0) return this.#lost;
    const lost = this.#lost;
    this.#lost = [];
    return lost;
  }

  /** @returns the unwrapped sequence numbers to ask for now, ascending */
  takeNacks(nowUs: number): number[] {
    const due: number[] = [];
    for (const missing of this.#missing) {
      if (missing.nacks >= MAX_NACKS || missing.nextNackUs > nowUs) continue;
      missing.nacks += 1;
      missing.nextNackUs = nowUs + NACK_INTERVAL_US;
      due.push(missing.sequence);
    }
    return due;
  }

  /** Gives up all that is still missing: the stream has ended. */
  end(): Loss[] {
    for (const missing of this.#missing) this.#giveUp(missing, 1);
    this.#missing = [];
    return this.takeLosses(0);
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

  #take(unwrapped: number): true {
    this.#seen[unwrapped % WINDOW_PACKETS] = unwrapped;
    this.#received += 1;
    this.#jumpedTo = -1;
    return true;
  }

  #advance(unwrapped: number, atUs: number): void {
    if (unwrapped > this.#highest + 1) this.#miss(unwrapped, atUs);
    this.#highest = unwrapped;
    this.#highestAtUs = atUs;
    this.#seen[unwrapped % WINDOW_PACKETS] = unwrapped;
  }

  /** The packets between the highest so far and `unwrapped` have not come (yet). */
  #miss(unwrapped: number, atUs: number): void {
    const fromUs = this.#highestAtUs;
    // A hole wider than the reorder window is lost as it appears; asking for so much would make matters worse.
    const firstHoped = Math.max(this.#highest + 1, unwrapped - REORDER_PACKETS + 1);
    const hopeless = firstHoped - this.#highest - 1;
    if (hopeless > 0) {
      for (const missing of this.#missing) this.#giveUp(missing, 1);
      this.#missing = [];
      this.#giveUp({ fromUs, toUs: atUs }, hopeless);
    }
    for (let sequence = firstHoped; sequence < unwrapped; sequence += 1) {
      this.#missing.push({ sequence, fromUs, toUs: atUs, nextNackUs: atUs + FIRST_NACK_US, nacks: 0 });
    }
  }

  #found(unwrapped: number): void {
    const index = this.#missing.findIndex(missing => missing.sequence === unwrapped);
    if (index >= 0) this.#missing.splice(index, 1);
  }

  /** Packets of one hole are told as one loss. */
  #giveUp(hole: { fromUs: number; toUs: number }, packets: number): void {
    const last = this.#lost.at(-1);
    if (last !== undefined && last.fromUs === hole.fromUs && last.toUs === hole.toUs) last.packets += packets;
    else this.#lost.push({ packets, fromUs: hole.fromUs, toUs: hole.toUs });
  }
}
