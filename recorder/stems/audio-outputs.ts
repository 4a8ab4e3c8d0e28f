import { createHash } from 'node:crypto';
import { writeM4a } from './aac.ts';
import { renderPcm } from './audio-stem.ts';
import { fanOut } from './fan-out.ts';
import { transcode } from './ffmpeg.ts';
import { patchStreamInfo, STREAM_INFO_BYTES } from './flac.ts';
import { type AudioShape, pcmInput } from './pcm.ts';
import { writePeaks } from './peaks.ts';
import type { PlacedAudio } from './place-audio.ts';
import type { ByteSink } from './sink.ts';
import { type WavOrigin, wavHeader, wavPadding } from './wav.ts';

/** What is made of every sound at once: for editors, for archives, to be heard on a page, and to be drawn there. */
export const audioFormats = ['wav', 'flac', 'm4a', 'peaks'] as const;
export type AudioFormat = (typeof audioFormats)[number];

/** Writes one stem in all of them. It is decoded once; no format waits for another longer than a moment. */
export async function writeAudioStem(
  placed: AsyncIterable<PlacedAudio[]>,
  shape: AudioShape,
  origin: WavOrigin,
  sinks: Record<AudioFormat, ByteSink>,
): Promise<void> {
  await fanOut(renderPcm(placed, shape), [
    pcm => writeWav(pcm, shape, origin, sinks.wav),
    pcm => writeFlac(pcm, shape, sinks.flac),
    pcm => writeM4a(pcm, shape, sinks.m4a),
    pcm => writePeaks(pcm, shape, sinks.peaks),
  ]);
}

export async function writeWav(
  pcm: AsyncIterable<Buffer>,
  { channels, totalSamples }: AudioShape,
  origin: WavOrigin,
  sink: ByteSink,
): Promise<void> {
  await sink.write(wavHeader(totalSamples, channels, origin));
  for await (const part of pcm) await sink.write(part);
  await sink.write(wavPadding(totalSamples, channels));
}

export async function writeFlac(
  pcm: AsyncIterable<Buffer>,
  { channels, totalSamples }: AudioShape,
  sink: ByteSink,
): Promise<void> {
  const md5 = createHash('md5');
  const hashed = async function* () {
    for await (const part of pcm) {
      md5.update(part);
      yield part;
    }
  };
  let head: Buffer = Buffer.alloc(0);
  for await (const part of transcode(hashed(), pcmInput(channels), ['-c:a', 'flac', '-f', 'flac'])) {
    if (head.length < STREAM_INFO_BYTES) head = Buffer.concat([head, part]);
    await sink.write(part);
  }
  patchStreamInfo(sink, head, totalSamples, md5.digest());
}

/** Beyond this, of full scale, two channels differ in more than the rounding of their coding. */
const AUDIBLE_DIFFERENCE = 2 ** -10 * 2 ** 23;

/**
 * Microphones are often sent as two equal channels. Reads until the first difference, so that real stereo costs nothing.
 * @returns whether the two channels of a stem differ
 */
export async function isStereo(placed: AsyncIterable<PlacedAudio[]>, totalSamples: number): Promise<boolean> {
  for await (const pcm of renderPcm(placed, { channels: 2, totalSamples })) {
    for (let offset = 0; offset < pcm.length; offset += 6) {
      if (Math.abs(pcm.readIntLE(offset, 3) - pcm.readIntLE(offset + 3, 3)) > AUDIBLE_DIFFERENCE) return true;
    }
  }
  return false;
}
