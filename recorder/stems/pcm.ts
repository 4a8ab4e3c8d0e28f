import { BYTES_PER_SAMPLE } from './wav.ts';

/** What a whole stem is as PCM. */
export interface AudioShape {
  channels: 1 | 2;
  totalSamples: number;
}

/** PCM is handed on in parts of this many samples: many small ones would cost more than what is done with them. */
const PART_SAMPLES = 16_384;
const FULL_SCALE = 2 ** 23;

/**
 * Lays runs of samples on an axis of `total` samples as interleaved 24-bit PCM: silence between them, nothing
 * before the first sample of the axis or after its last.
 */
export class PcmAxis {
  readonly #channels: number;
  readonly #total: number;
  #cursor = 0;
  #part = Buffer.alloc(0);
  #filled = 0;

  constructor(channels: number, total: number) {
    this.#channels = channels;
    this.#total = total;
  }

  /** @param firstIndex place of the first sample; what lies before the end of the last run is left out */
  *place(firstIndex: number, samples: readonly Float32Array[]): Generator<Buffer> {
    yield* this.#silenceUntil(Math.min(firstIndex, this.#total));
    const end = Math.min(firstIndex + (samples[0]?.length ?? 0), this.#total);
    while (this.#cursor < end) {
      const count = this.#room(end - this.#cursor);
      this.#write(samples, this.#cursor - firstIndex, count);
      yield* this.#advance(count);
    }
  }

  /** Silence up to the end of the axis, and what has not been handed on. */
  *finish(): Generator<Buffer> {
    yield* this.#silenceUntil(this.#total);
    if (this.#filled > 0) yield this.#part.subarray(0, this.#filled);
  }

  *#silenceUntil(index: number): Generator<Buffer> {
    while (this.#cursor < index) {
      const count = this.#room(index - this.#cursor);
      yield* this.#advance(count);
    }
  }

  /** How many of so many samples fit into the part. A new part is silent until it is written to. */
  #room(wanted: number): number {
    const frameBytes = this.#channels * BYTES_PER_SAMPLE;
    if (this.#filled === this.#part.length) {
      this.#part = Buffer.alloc(PART_SAMPLES * frameBytes);
      this.#filled = 0;
    }
    return Math.min(wanted, (this.#part.length - this.#filled) / frameBytes);
  }

  *#advance(count: number): Generator<Buffer> {
    this.#cursor += count;
    this.#filled += count * this.#channels * BYTES_PER_SAMPLE;
    if (this.#filled < this.#part.length) return;
    yield this.#part;
    this.#part = Buffer.alloc(0);
    this.#filled = 0;
  }

  #write(samples: readonly Float32Array[], from: number, count: number): void {
    const part = this.#part;
    const stride = this.#channels * BYTES_PER_SAMPLE;
    for (const [channel, values] of samples.entries()) {
      let offset = this.#filled + channel * BYTES_PER_SAMPLE;
      for (let index = from; index < from + count; index += 1) {
        const value = Math.round((values[index] as number) * FULL_SCALE);
        const clipped = Math.max(-FULL_SCALE, Math.min(FULL_SCALE - 1, value));
        part[offset] = clipped;
        part[offset + 1] = clipped >> 8;
        part[offset + 2] = clipped >> 16;
        offset += stride;
      }
    }
  }
}
