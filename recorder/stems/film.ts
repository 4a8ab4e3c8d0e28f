import { aacTrack, encodeAac } from './aac.ts';
import { type FfmpegInput, runFfmpeg } from './ffmpeg.ts';
import { h264Depacketizer } from './h264.ts';
import { Mp4Writer } from './mp4.ts';
import { TIMESCALE } from './mp4-tables.ts';
import type { AudioShape } from './pcm.ts';
import type { ByteSink } from './sink.ts';

/** Editors want pictures at a steady pace. */
export const FILM_FPS = 30;
const UNITS_PER_FRAME = TIMESCALE / FILM_FPS;

export interface FilmSound extends AudioShape {
  pcm: AsyncIterable<Uint8Array>;
}

interface Film {
  inputs: FfmpegInput[];
  /** Over the inputs' pictures, ending in [out]. */
  filter: string;
  durationUs: number;
  sound: FilmSound | null;
  /** 0..1 */
  onProgress(fraction: number): void;
}

/** What plain ffmpeg would be asked for: fast, and good enough to be cut and encoded again. */
const FILM_ENCODER = [
  ...['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '20', '-pix_fmt', 'yuv420p', '-bf', '0'],
  ...['-g', String(FILM_FPS * 2), '-keyint_min', String(FILM_FPS)],
];

/**
 * Pictures and sound as MP4: H.264 of a constant frame rate from the recording's first instant to its last, and AAC.
 * Both are encoded at the same time, and laid side by side as they are needed.
 */
export async function writeFilm(film: Film, sink: ByteSink): Promise<void> {
  const { durationUs, sound, onProgress } = film;
  const frameCount = Math.max(1, Math.round((durationUs * FILM_FPS) / 1e6));
  const writer = await Mp4Writer.start(sink, {
    timescale: TIMESCALE,
    duration: frameCount * UNITS_PER_FRAME,
  });
  const frames = encodePictures(film, frameCount);
  const sounds = sound === null ? null : encodeAac(sound.pcm, sound);
  if (sound !== null) writer.startAudio(aacTrack(sound));
  let soundUs = 0;
  const soundUntil = async (us: number) => {
    if (sounds === null || sound === null) return;
    for (; soundUs < us; soundUs += (1024 / 48_000) * 1e6) {
      const next = await sounds.next();
      if (next.done === true) return;
      await writer.audioFrame(next.value);
    }
  };
  try {
    let index = 0;
    for await (const frame of frames) {
      await writer.frame({ at: index * UNITS_PER_FRAME, ...frame });
      index += 1;
      await soundUntil((index * 1e6) / FILM_FPS);
      onProgress(Math.min(1, index / frameCount));
    }
    await soundUntil(Number.POSITIVE_INFINITY);
  } finally {
    await sounds?.return(undefined);
  }
  await writer.close();
}

async function* encodePictures({ inputs, filter }: Film, frameCount: number) {
  const output = [
    ...['-filter_complex', filter, '-map', '[out]', '-an', '-r', String(FILM_FPS), '-vsync', 'cfr'],
    ...['-frames:v', String(frameCount), ...FILM_ENCODER, '-x264-params', 'aud=1', '-f', 'h264'],
  ];
  const depacketizer = h264Depacketizer();
  for await (const nals of accessUnits(runFfmpeg(inputs, output))) {
    const frame = depacketizer.assemble(nals);
    if (frame?.configuration) yield { ...frame, configuration: frame.configuration };
  }
}

const START_CODE = Buffer.from([0, 0, 1]);
const DELIMITER = 9;

/** Cuts a byte stream (ITU-T H.264 Annex B) into NAL units, and these into pictures, each of which begins with a delimiter. */
async function* accessUnits(stream: AsyncIterable<Buffer>): AsyncGenerator<Buffer[]> {
  let unit: Buffer[] = [];
  for await (const nal of nalUnits(stream)) {
    if (((nal[0] ?? 0) & 0x1f) === DELIMITER && unit.length > 0) {
      yield unit;
      unit = [];
    }
    unit.push(nal);
  }
  if (unit.length > 0) yield unit;
}

async function* nalUnits(stream: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let waiting: Buffer = Buffer.alloc(0);
  for await (const part of stream) {
    waiting = Buffer.concat([waiting, part]);
    let start = waiting.indexOf(START_CODE);
    for (let next = nextStart(waiting, start); next >= 0; next = nextStart(waiting, start)) {
      yield withoutZeros(waiting.subarray(start + 3, next));
      start = next;
    }
    if (start > 0) waiting = waiting.subarray(start);
  }
  if (waiting.length > 3) yield withoutZeros(waiting.subarray(waiting.indexOf(START_CODE) + 3));
}

const nextStart = (bytes: Buffer, start: number) => (start < 0 ? -1 : bytes.indexOf(START_CODE, start + 3));

/** A start code may have four bytes, whose first belongs to no unit. */
function withoutZeros(nal: Buffer): Buffer {
  let end = nal.length;
  while (end > 0 && nal[end - 1] === 0) end -= 1;
  return nal.subarray(0, end);
}
