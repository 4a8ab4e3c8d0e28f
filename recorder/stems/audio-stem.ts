import { decodeOpus, type PlacedSamples } from './opus-decoder.ts';
import { type AudioShape, PcmAxis } from './pcm.ts';
import type { PlacedAudio } from './place-audio.ts';
import { Resampler } from './resampler.ts';

/** Long enough to avoid a click where sound begins or breaks off, too short to be heard: 2 ms. */
const FADE_SAMPLES = 96;

/** The whole stem as interleaved 24-bit PCM: exactly `totalSamples` samples. */
export async function* renderPcm(
  placed: AsyncIterable<PlacedAudio>,
  { channels, totalSamples }: AudioShape,
): AsyncGenerator<Buffer> {
  const axis = new PcmAxis(channels, totalSamples);
  let ready: { firstIndex: number; samples: Float32Array[] }[] = [];
  const resampler = new Resampler(channels, (firstIndex, samples) => ready.push({ firstIndex, samples }));
  for await (const decoded of decodeOpus(placed, channels)) {
    fade(decoded);
    resampler.push(decoded.samples, decoded.from, decoded.to);
    if (decoded.endsRun) resampler.finish();
    for (const run of ready) yield* axis.place(run.firstIndex, run.samples);
    ready = [];
  }
  yield* axis.finish();
}

function fade({ samples: channels, startsRun, endsRun }: PlacedSamples): void {
  for (const samples of channels) {
    const length = Math.min(FADE_SAMPLES, samples.length);
    for (let index = 0; index < length; index += 1) {
      const gain = index / length;
      if (startsRun) samples[index] = (samples[index] as number) * gain;
      const mirrored = samples.length - 1 - index;
      if (endsRun) samples[mirrored] = (samples[mirrored] as number) * gain;
    }
  }
}
