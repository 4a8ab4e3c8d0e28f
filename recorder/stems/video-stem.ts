import type { VideoFrame } from './frames.ts';
import { Mp4Writer } from './mp4.ts';
import { TIMESCALE } from './mp4-tables.ts';
import type { ByteSink } from './sink.ts';
import { blackVp8 } from './vp8.ts';
import { WebmWriter } from './webm.ts';

/** A picture that stands longer than this without a new one is taken for a camera that is gone. */
const BLACK_AFTER_US = 1_000_000;

interface VideoShape {
  durationUs: number;
  /** When the camera was switched off, or the track ended; ascending. */
  pausesUs: readonly number[];
  /** A camera sends all the time. A screen that does not change may send nothing for long, and stays visible. */
  steady: boolean;
}

/** @returns when the picture after `fromUs` went black, if it did before `toUs` */
function blackSince(fromUs: number, toUs: number, { pausesUs, steady }: VideoShape): number | null {
  if (toUs - fromUs <= BLACK_AFTER_US) return null;
  const pausedUs = pausesUs.find(pauseUs => pauseUs >= fromUs && pauseUs < toUs);
  if (pausedUs !== undefined) return pausedUs;
  return steady ? fromUs + BLACK_AFTER_US : null;
}

const larger = (known: VideoFrame['size'] | null, size: VideoFrame['size']) =>
  known === null || size.width * size.height > known.width * known.height ? size : known;

const toMs = (us: number) => Math.round(us / 1000);

/**
 * VP8 as WebM. Black stands before the first frame and where the camera was off: a keyframe of its own, and what
 * follows begins with a keyframe as well, or the last picture is held instead.
 * @returns the largest size that was received; null when there was no frame, and nothing was written
 */
export async function writeWebm(
  frames: AsyncIterable<VideoFrame>,
  shape: VideoShape,
  sink: ByteSink,
): Promise<VideoFrame['size'] | null> {
  const durationMs = toMs(shape.durationUs);
  const blacks = new Map<string, Promise<Buffer>>();
  let writer: WebmWriter | null = null;
  let largest: VideoFrame['size'] | null = null;
  let last: { us: number; ms: number; size: VideoFrame['size'] } | null = null;
  const black = async (us: number, untilMs: number, size: VideoFrame['size']) => {
    const key = `${size.width}x${size.height}`;
    const data = blacks.get(key) ?? blackVp8(size);
    blacks.set(key, data);
    const ms = Math.max(toMs(us), (last?.ms ?? -1) + 1);
    if (ms < untilMs) await writer?.frame({ atMs: ms, keyframe: true, data: await data }, size);
  };
  for await (const { sessionUs, keyframe, data, size } of frames) {
    if (sessionUs >= shape.durationUs) break;
    writer ??= await WebmWriter.start(sink, durationMs, size);
    const blackUs = last === null ? 0 : keyframe ? blackSince(last.us, sessionUs, shape) : null;
    const ms: number = Math.max(toMs(sessionUs), (last?.ms ?? -1) + 1);
    if (blackUs !== null) await black(blackUs, ms, size);
    await writer.frame({ atMs: ms, keyframe, data }, size);
    last = { us: sessionUs, ms, size };
    largest = larger(largest, size);
  }
  if (writer === null || last === null) return null;
  const blackUs = blackSince(last.us, shape.durationUs, shape);
  if (blackUs !== null) await black(blackUs, durationMs, last.size);
  await writer.close();
  return largest;
}

/**
 * H.264 as MP4. An edit list stands for the time before the first frame; where the camera was off, its last picture
 * is held.
 * @returns the largest size that was received; null when there was no frame
 */
export async function writeMp4(
  frames: AsyncIterable<VideoFrame>,
  shape: VideoShape,
  sink: ByteSink,
): Promise<VideoFrame['size'] | null> {
  const units = (us: number) => Math.round((us * TIMESCALE) / 1e6);
  const duration = units(shape.durationUs);
  let writer: Mp4Writer | null = null;
  let largest: VideoFrame['size'] | null = null;
  let last = -1;
  for await (const { sessionUs, keyframe, data, size, configuration } of frames) {
    if (sessionUs >= shape.durationUs) break;
    if (configuration === null) throw new Error('an H.264 frame without its parameter sets');
    writer ??= await Mp4Writer.start(sink, { timescale: TIMESCALE, duration });
    const at = Math.max(units(sessionUs), last + 1);
    await writer.frame({ at, keyframe, data, size, configuration });
    last = at;
    largest = larger(largest, size);
  }
  await writer?.close();
  return largest;
}
