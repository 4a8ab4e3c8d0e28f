import { transcode } from './ffmpeg.ts';
import { Mp4Writer } from './mp4.ts';
import { OPUS_RATE_HZ } from './opus.ts';
import { type AudioShape, pcmInput } from './pcm.ts';
import type { ByteSink } from './sink.ts';

const FRAME_SAMPLES = 1024;
/** What ffmpeg's encoder puts before the first sample (AVCodecContext.initial_padding). */
const PRIMING_SAMPLES = 1024;
const BITRATE_BPS = { 1: 112_000, 2: 192_000 } as const;

/**
 * One sound as .m4a. The edit list takes off the encoder's start-up and the filling of its last frame, so that the file
 * plays exactly `totalSamples` samples.
 */
export async function writeM4a(
  pcm: AsyncIterable<Uint8Array>,
  shape: AudioShape,
  sink: ByteSink,
): Promise<void> {
  const writer = await Mp4Writer.start(sink, { timescale: OPUS_RATE_HZ, duration: shape.totalSamples });
  writer.startAudio(aacTrack(shape));
  for await (const frame of encodeAac(pcm, shape)) await writer.audioFrame(frame);
  await writer.close();
}

/** What an MP4 file says of such a sound. */
export function aacTrack({ channels, totalSamples }: AudioShape) {
  return {
    rateHz: OPUS_RATE_HZ,
    channels,
    frameSamples: FRAME_SAMPLES,
    primingSamples: PRIMING_SAMPLES,
    totalSamples,
    // Low complexity (2) at 48 kHz (index 3).
    configuration: Buffer.from([(2 << 3) | (3 >> 1), ((3 & 1) << 7) | (channels << 3)]),
  };
}

/** AAC frames, each of 1024 samples. */
export async function* encodeAac(
  pcm: AsyncIterable<Uint8Array>,
  { channels }: AudioShape,
): AsyncGenerator<Buffer> {
  const output = ['-c:a', 'aac', '-b:a', String(BITRATE_BPS[channels]), '-f', 'adts'];
  let waiting: Buffer = Buffer.alloc(0);
  for await (const part of transcode(pcm, pcmInput(channels), output)) {
    waiting = waiting.length === 0 ? part : Buffer.concat([waiting, part]);
    let offset = 0;
    while (waiting.length >= offset + ADTS_HEAD_BYTES) {
      const bytes = (waiting.readUIntBE(offset + 3, 3) >> 5) & 0x1fff;
      if (offset + bytes > waiting.length) break;
      yield waiting.subarray(offset + ADTS_HEAD_BYTES, offset + bytes);
      offset += bytes;
    }
    waiting = waiting.subarray(offset);
  }
  if (waiting.length > 0) throw new Error('the AAC encoder broke off in a frame');
}

/** ISO/IEC 13818-7 section 6.2.1; ffmpeg writes no check sum. */
const ADTS_HEAD_BYTES = 7;
