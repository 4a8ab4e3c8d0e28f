import { OggOpus } from './ogg.ts';
import { OPUS_LOOKAHEAD_SAMPLES } from './opus.ts';
import type { AudioShape } from './pcm.ts';
import type { PlacedAudio } from './place-audio.ts';
import type { ByteSink } from './sink.ts';

/** Opus can be silent for multiples of 2.5 ms. */
const STEP_SAMPLES = 120;
const PAGES_AT_ONCE = 50;

/**
 * The packets as they were received, as Ogg. Silence stands for what is missing, in whole 2.5 ms, so that every run of
 * packets begins in its place; within a run nothing is resampled, and the sender's drift stays (the certificate tells
 * how much that is). The file is as long as all the others, to the sample.
 */
export async function writeOpusCopy(
  placed: AsyncIterable<PlacedAudio[]>,
  { channels, totalSamples }: AudioShape,
  sink: ByteSink,
): Promise<void> {
  let copy: OpusCopy | null = null;
  for await (const batch of placed)
    for (const { payload, samples, from, startsRun, lostSamples } of batch) {
      copy ??= new OpusCopy(sink, channels, Math.round(from));
      if (startsRun || lostSamples > 0) await copy.silence(Math.round((from - copy.cursor) / STEP_SAMPLES));
      if (copy.cursor < totalSamples) await copy.packet(payload, samples);
    }
  copy ??= new OpusCopy(sink, channels, 0);
  await copy.silence(Math.ceil((totalSamples - copy.cursor) / STEP_SAMPLES));
  await copy.close(totalSamples);
}

class OpusCopy {
  /** Where on the stem's axis the next packet's first sample lies. */
  cursor: number;
  readonly #sink: ByteSink;
  readonly #channels: 1 | 2;
  readonly #preSkip: number;
  readonly #ogg: OggOpus;
  #pages: Buffer[];
  /** The last one has to be told that it is. */
  #pending: { payload: Buffer; samples: number } | null = null;

  /** @param firstIndex of the first run: it lies to the sample, as players skip as many at the start as that needs */
  constructor(sink: ByteSink, channels: 1 | 2, firstIndex: number) {
    const atLeast = Math.max(OPUS_LOOKAHEAD_SAMPLES, -firstIndex);
    this.#preSkip = atLeast + mod(-firstIndex - atLeast, STEP_SAMPLES);
    this.cursor = -this.#preSkip;
    this.#sink = sink;
    this.#channels = channels;
    this.#ogg = new OggOpus(this.#preSkip);
    this.#pages = [...this.#ogg.head(channels)];
  }

  async silence(wantedSteps: number): Promise<void> {
    for (let left = wantedSteps; left > 0; ) {
      const steps = SILENCE_STEPS.find(each => each <= left) ?? 1;
      await this.packet(silentPacket(steps, this.#channels), steps * STEP_SAMPLES);
      left -= steps;
    }
  }

  async packet(payload: Buffer, samples: number): Promise<void> {
    if (this.#pending !== null)
      this.#pages.push(this.#ogg.packet(this.#pending.payload, this.#pending.samples));
    this.#pending = { payload, samples };
    this.cursor += samples;
    if (this.#pages.length >= PAGES_AT_ONCE) await this.#flush();
  }

  async close(totalSamples: number): Promise<void> {
    if (this.#pending === null) throw new Error('a sound without a packet');
    this.#pages.push(this.#ogg.lastPacket(this.#pending.payload, totalSamples + this.#preSkip));
    await this.#flush();
  }

  async #flush(): Promise<void> {
    const bytes = Buffer.concat(this.#pages);
    this.#pages = [];
    await this.#sink.write(bytes);
  }
}

const mod = (value: number, by: number) => ((value % by) + by) % by;

/** 20, 10, 5 and 2.5 ms: CELT at full bandwidth, one frame that says that it is silent (RFC 6716 section 4.3). */
const SILENCE_STEPS = [8, 4, 2, 1];
const CONFIGURATION: Record<number, number> = { 8: 31, 4: 30, 2: 29, 1: 28 };

function silentPacket(steps: number, channels: 1 | 2): Buffer {
  return Buffer.from([((CONFIGURATION[steps] ?? 31) << 3) | (channels === 2 ? 4 : 0), 0xff, 0xfe]);
}
