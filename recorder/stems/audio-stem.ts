import { createHash } from 'node:crypto';
import { transcode } from './ffmpeg.ts';
import { patchStreamInfo, STREAM_INFO_BYTES } from './flac.ts';
import { OPUS_RATE_HZ } from './opus.ts';
import { decodeOpus, type PlacedSamples } from './opus-decoder.ts';
import { PcmAxis } from './pcm.ts';
import type { PlacedAudio } from './place-audio.ts';
import { Resampler } from './resampler.ts';
import type { ByteSink } from './sink.ts';
import { wavHeader, wavPadding } from './wav.ts';

/** Long enough to avoid a click where sound begins or breaks off, too short to be heard: 2 ms. */
const FADE_SAMPLES = 96;

export interface AudioShape {
  channels: 1 | 2;
  totalSamples: number;
}

/** Writes one stem as WAV and as FLAC, in one pass. */
export async function writeAudioStem(
  placed: AsyncIterable<PlacedAudio>,
  shape: AudioShape,
  sinks: { wav: ByteSink; flac: ByteSink },
): Promise<void> {
  const { channels, totalSamples } = shape;
  const md5 = createHash('md5');
  const intoWav = async function* () {
    await sinks.wav.write(wavHeader(totalSamples, channels));
    for await (const pcm of renderPcm(placed, shape)) {
      await sinks.wav.write(pcm);
      md5.update(pcm);
      yield pcm;
    }
    await sinks.wav.write(wavPadding(totalSamples, channels));
  };
  const input = ['-f', 's24le', '-ar', String(OPUS_RATE_HZ), '-ac', String(channels)];
  let head: Buffer = Buffer.alloc(0);
  for await (const part of transcode(intoWav(), input, ['-c:a', 'flac', '-f', 'flac'])) {
    if (head.length < STREAM_INFO_BYTES) head = Buffer.concat([head, part]);
    await sinks.flac.write(part);
  }
  patchStreamInfo(sinks.flac, head, totalSamples, md5.digest());
}

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
