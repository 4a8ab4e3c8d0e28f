import { BYTES_PER_SAMPLE } from './wav.ts';

const SILENCE_SAMPLES = 16_384;
const FULL_SCALE = 2 ** 23;

/**
 * Lays runs of samples on an axis of `total` samples as interleaved 24-bit PCM: silence between them, nothing
 * before the first sample of the axis or after its last.
 */
export class PcmAxis {
  readonly #channels: number;
  readonly #total: number;
  #cursor = 0;

  constructor(channels: number, total: number) {
    this.#channels = channels;
    this.#total = total;
  }

  /** @param firstIndex place of the first sample; what lies before the end of the last run is left out */
  *place(firstIndex: number, samples: readonly Float32Array[]): Generator<Buffer> {
    yield* this.#silenceUntil(Math.min(firstIndex, this.#total));
    const from = this.#cursor - firstIndex;
    const to = Math.min(samples[0]?.length ?? 0, this.#total - firstIndex);
    if (to <= from) return;
    const bytes = Buffer.allocUnsafe((to - from) * this.#channels * BYTES_PER_SAMPLE);
    let offset = 0;
    for (let index = from; index < to; index += 1) {
      for (const channel of samples) {
        const value = Math.round((channel[index] as number) * FULL_SCALE);
        const clipped = Math.max(-FULL_SCALE, Math.min(FULL_SCALE - 1, value));
        bytes[offset] = clipped;
        bytes[offset + 1] = clipped >> 8;
        bytes[offset + 2] = clipped >> 16;
        offset += BYTES_PER_SAMPLE;
      }
    }
    this.#cursor = firstIndex + to;
    yield bytes;
  }

  /** Silence up to the end of the axis. */
  *finish(): Generator<Buffer> {
    yield* this.#silenceUntil(this.#total);
  }

  *#silenceUntil(index: number): Generator<Buffer> {
    while (this.#cursor < index) {
      const samples = Math.min(SILENCE_SAMPLES, index - this.#cursor);
      this.#cursor += samples;
      yield Buffer.alloc(samples * this.#channels * BYTES_PER_SAMPLE);
    }
  }
}
