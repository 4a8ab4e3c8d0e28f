import { createDecoder, type OpusDecoderHandle } from 'libopus-wasm';
import { decode, rebuild } from './opus-decoder.ts';
import { type AudioShape, PcmAxis } from './pcm.ts';
import type { PlacedAudio } from './place-audio.ts';
import { Resampler } from './resampler.ts';

/** Long enough to avoid a click where sound begins or breaks off, too short to be heard: 2 ms. */
const FADE_SAMPLES = 96;

/** The whole stem as interleaved 24-bit PCM: exactly `totalSamples` samples. */
export async function* renderPcm(
  placed: AsyncIterable<PlacedAudio[]>,
  { channels, totalSamples }: AudioShape,
): AsyncGenerator<Buffer> {
  const axis = new PcmAxis(channels, totalSamples);
  const resampler = new Resampler(channels, (firstIndex, pcm) => axis.place(firstIndex, pcm));
  let decoder: OpusDecoderHandle | null = null;
  let endedAt = 0;
  try {
    for await (const batch of placed)
      for (const packet of batch) {
        if (decoder === null || packet.startsStream) {
          decoder?.free();
          decoder = await createDecoder({ channels });
        }
        if (packet.startsRun) yield* axis.silenceUntil(Math.ceil(packet.from));
        if (packet.lostSamples > 0) resampler.push(rebuild(decoder, channels, packet), endedAt, packet.from);
        const samples = decode(decoder, channels, packet);
        fade(samples, packet);
        resampler.push(samples, packet.from, packet.to);
        if (packet.endsRun) resampler.finish();
        endedAt = packet.to;
        for (const part of axis.full()) yield part;
      }
  } finally {
    decoder?.free();
  }
  yield* axis.finish();
}

function fade(channels: Float32Array[], { startsRun, endsRun }: PlacedAudio): void {
  if (!startsRun && !endsRun) return;
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
