import { FfmpegError, transcode } from './ffmpeg.ts';
import { OggOpus } from './ogg.ts';
import { type AudioShape, PcmAxis } from './pcm.ts';
import type { PlacedAudio } from './place-audio.ts';
import { Resampler } from './resampler.ts';

/** Long enough to avoid a click where sound begins or breaks off, too short to be heard: 2 ms. */
const FADE_SAMPLES = 96;

/** A second of packets goes into the decoder's pipe in one piece. */
const PAGES_AT_ONCE = 50;

/** The whole stem as interleaved 24-bit PCM: exactly `totalSamples` samples. */
export async function* renderPcm(
  placed: AsyncIterable<PlacedAudio>,
  { channels, totalSamples }: AudioShape,
): AsyncGenerator<Buffer> {
  const axis = new PcmAxis(channels, totalSamples);
  let ready: { firstIndex: number; samples: Float32Array[] }[] = [];
  const resampler = new Resampler(channels, (firstIndex, samples) => ready.push({ firstIndex, samples }));
  for await (const { packet, samples } of decode(placed, channels)) {
    fade(samples, packet);
    resampler.push(samples, packet.from, packet.to);
    if (packet.endsRun) resampler.finish();
    for (const run of ready) yield* axis.place(run.firstIndex, run.samples);
    ready = [];
  }
  yield* axis.finish();
}

/**
 * Decodes with one ffmpeg. Every packet was checked to decode to a known number of samples, so the n-th sample that
 * comes out belongs to the packet that holds the n-th sample put in.
 */
async function* decode(
  placed: AsyncIterable<PlacedAudio>,
  channels: 1 | 2,
): AsyncGenerator<{ packet: PlacedAudio; samples: Float32Array[] }> {
  const packets = placed[Symbol.asyncIterator]();
  let next = await packets.next();
  // ffmpeg takes a stream without packets for an error.
  if (next.done) return;
  const waiting: PlacedAudio[] = [];
  const ogg = new OggOpus();
  const feed = async function* () {
    let pages = [...ogg.head(channels)];
    for (; !next.done; next = await packets.next()) {
      waiting.push(next.value);
      pages.push(ogg.packet(next.value.payload, next.value.samples));
      if (pages.length < PAGES_AT_ONCE) continue;
      yield Buffer.concat(pages);
      pages = [];
    }
    yield Buffer.concat(pages);
  };
  const input = ['-f', 'ogg', '-c:a', 'libopus', '-request_sample_fmt', 'flt'];
  let decoded: Buffer = Buffer.alloc(0);
  for await (const part of transcode(feed(), input, ['-f', 'f32le', '-c:a', 'pcm_f32le'])) {
    decoded = decoded.length === 0 ? part : Buffer.concat([decoded, part]);
    let offset = 0;
    for (let packet = waiting[0]; packet !== undefined; packet = waiting[0]) {
      const end = offset + packet.samples * channels * 4;
      if (end > decoded.length) break;
      yield { packet, samples: deinterleave(decoded.subarray(offset, end), channels) };
      waiting.shift();
      offset = end;
    }
    decoded = decoded.subarray(offset);
  }
  if (waiting.length > 0 || decoded.length > 0) {
    throw new FfmpegError(
      `the decoder gave back another number of samples (${waiting.length} packets)`,
      null,
    );
  }
}

function deinterleave(bytes: Buffer, channels: number): Float32Array[] {
  // Copied, as a view of floats has to be aligned.
  const interleaved = new Float32Array(new Uint8Array(bytes).buffer);
  if (channels === 1) return [interleaved];
  return Array.from({ length: channels }, (_, channel) => {
    const samples = new Float32Array(interleaved.length / channels);
    for (let index = 0; index < samples.length; index += 1) {
      samples[index] = interleaved[index * channels + channel] as number;
    }
    return samples;
  });
}

function fade(channels: Float32Array[], { startsRun, endsRun }: PlacedAudio): void {
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
