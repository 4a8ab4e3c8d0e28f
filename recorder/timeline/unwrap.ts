/**
 * Makes a counter of 16 or 32 bits continuous: each value is placed near the highest seen, so that neither reordering
 * nor wrapping shows (RFC 3550 appendix A.1).
 */
export class Unwrapper {
  readonly #modulus: number;
  readonly #maxBehind: number;
  #highest: number | null = null;

  /** @param maxBehind what seems to lie further back is taken as a jump ahead: the stream was restarted */
  constructor(bits: 16 | 32, maxBehind = 2 ** (bits - 1)) {
    this.#modulus = 2 ** bits;
    this.#maxBehind = maxBehind;
  }

  /** Unwraps a value that belongs to the stream, and remembers it. The first is returned as it is. */
  next(value: number): number {
    const unwrapped = this.near(value);
    if (this.#highest === null || unwrapped > this.#highest) this.#highest = unwrapped;
    return unwrapped;
  }

  /** Unwraps without remembering. */
  near(value: number): number {
    if (this.#highest === null) return value;
    const ahead = (((value - this.#highest) % this.#modulus) + this.#modulus) % this.#modulus;
    return this.#highest + (ahead < this.#modulus - this.#maxBehind ? ahead : ahead - this.#modulus);
  }
}

/** RTP sequence numbers: no packet comes so many behind its successors. */
export const sequenceUnwrapper = () => new Unwrapper(16, 4096);
export const timestampUnwrapper = () => new Unwrapper(32);
