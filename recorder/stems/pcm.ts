import { OPUS_RATE_HZ } from './opus.ts';
import { BYTES_PER_SAMPLE } from './wav.ts';

/** What a whole stem is as PCM. */
export interface AudioShape {
  channels: 1 | 2;
  totalSamples: number;
}

/** PCM is handed on in parts of this many samples: many small ones would cost more than what is done with them. */
const PART_SAMPLES = 16_384;

/**
 * Lays runs of interleaved 24-bit PCM on an axis of `total` samples: silence between them, nothing before the first
 * sample of the axis or after its last.
 */
export class PcmAxis {
  readonly #frameBytes: number;
  readonly #total: number;
  #cursor = 0;
  #part = Buffer.alloc(0);
  #filled = 0;
  #full: Buffer[] = [];

  constructor(channels: number, total: number) {
    this.#frameBytes = channels * BYTES_PER_SAMPLE;
    this.#total = total;
  }

  /** Takes a run's next samples: copies them. What lies before the end of the last run is left out. */
  place(firstIndex: number, pcm: Uint8Array): void {
    const end = Math.min(firstIndex + pcm.length / this.#frameBytes, this.#total);
    while (this.#cursor < end) {
      const count = this.#room(end - this.#cursor);
      const from = (this.#cursor - firstIndex) * this.#frameBytes;
      this.#part.set(pcm.subarray(from, from + count * this.#frameBytes), this.#filled);
      this.#advance(count);
    }
  }

  /** Silence up to where a run begins, and all parts that are full. */
  *silenceUntil(index: number): Generator<Buffer> {
    const end = Math.min(index, this.#total);
    while (this.#cursor < end) {
      const count = this.#room(end - this.#cursor);
      this.#part.fill(0, this.#filled, this.#filled + count * this.#frameBytes);
      this.#advance(count);
      yield* this.full();
    }
  }

  /** Parts that are full, once. */
  full(): Buffer[] {
    if (this.#full.length === 0) return NONE;
    const full = this.#full;
    this.#full = [];
    return full;
  }

  /** Silence up to the end of the axis, and what has not been handed on. */
  *finish(): Generator<Buffer> {
    yield* this.silenceUntil(this.#total);
    yield* this.full();
    if (this.#filled > 0) yield this.#part.subarray(0, this.#filled);
  }

  /** How many of so many samples fit into the part. */
  #room(wanted: number): number {
    if (this.#filled === this.#part.length) {
      this.#part = Buffer.allocUnsafeSlow(PART_SAMPLES * this.#frameBytes);
      this.#filled = 0;
    }
    return Math.min(wanted, (this.#part.length - this.#filled) / this.#frameBytes);
  }

  #advance(count: number): void {
    this.#cursor += count;
    this.#filled += count * this.#frameBytes;
    if (this.#filled < this.#part.length) return;
    this.#full.push(this.#part);
    this.#part = Buffer.alloc(0);
    this.#filled = 0;
  }
}

const NONE: Buffer[] = [];

/** How ffmpeg is told of it. */
export const pcmInput = (channels: number): string[] => [
  ...['-f', 's24le', '-ar', String(OPUS_RATE_HZ), '-ac', String(channels)],
];
