/**
 * Makes a counter of 16 or 32 bits continuous: each value is taken as the one nearest to the highest seen
 * (RFC 3550 section 6.4.1 and appendix A.1), so neither reordering nor wrapping shows.
 */
export class Unwrapper {
  readonly #modulus: number;
  #highest: number | null = null;

  constructor(bits: 16 | 32) {
    this.#modulus = 2 ** bits;
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
    return this.#highest + (ahead < this.#modulus / 2 ? ahead : ahead - this.#modulus);
  }
}
