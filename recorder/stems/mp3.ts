import { transcode } from './ffmpeg.ts';
import { type AudioShape, pcmInput } from './pcm.ts';
import type { ByteSink } from './sink.ts';

const FRAME_SAMPLES = 1152;
/** What LAME puts before the first sample. */
const ENCODER_DELAY = 576;
const BITRATE_BPS = { 1: 128_000, 2: 192_000 } as const;

/**
 * One sound as MP3 of a constant bitrate. ffmpeg cannot go back in a pipe to write the frame that tells players where
 * the sound begins and ends (the Info tag of LAME); so it stands here, written first and filled in at the end.
 */
export async function writeMp3(
  pcm: AsyncIterable<Uint8Array>,
  { channels, totalSamples }: AudioShape,
  sink: ByteSink,
): Promise<void> {
  const bitrate = BITRATE_BPS[channels];
  const output = ['-c:a', 'libmp3lame', '-b:a', String(bitrate), '-write_xing', '0', '-id3v2_version', '0'];
  let info: Buffer | null = null;
  for await (const part of transcode(pcm, pcmInput(channels), [...output, '-f', 'mp3'])) {
    if (info === null) {
      info = infoFrame(part.subarray(0, 4), bitrate);
      await sink.write(info);
    }
    await sink.write(part);
  }
  if (info === null) throw new Error('the MP3 encoder gave nothing');
  const mediaBytes = sink.position - info.length;
  const frames = Math.round((mediaBytes * 8 * FRAMES_PER_S) / bitrate);
  fillInfo(info, channels, { frames, bytes: sink.position, totalSamples });
  sink.patch(0, info);
}

const FRAMES_PER_S = 48_000 / FRAME_SAMPLES;

/** An empty frame with the header of the others: at 48 kHz all frames of a bitrate are equally long. */
function infoFrame(header: Buffer, bitrate: number): Buffer {
  const frame = Buffer.alloc(bitrate / 8 / FRAMES_PER_S);
  header.copy(frame);
  return frame;
}

/** The tag's place depends on how long the frame's side information is (ISO/IEC 11172-3 section 2.4.1.7). */
function fillInfo(
  frame: Buffer,
  channels: 1 | 2,
  { frames, bytes, totalSamples }: { frames: number; bytes: number; totalSamples: number },
): void {
  const tag = 4 + (channels === 1 ? 17 : 32);
  frame.write('Info', tag, 'latin1');
  // Frames, bytes, table of contents, quality.
  frame.writeUInt32BE(0x0f, tag + 4);
  frame.writeUInt32BE(frames, tag + 8);
  frame.writeUInt32BE(bytes, tag + 12);
  for (let percent = 0; percent < 100; percent += 1) {
    frame.writeUInt8(Math.floor((percent * 256) / 100), tag + 16 + percent);
  }
  const lame = tag + 120;
  frame.write('LAME3.100', lame, 'latin1');
  // Revision 0, constant bitrate.
  frame.writeUInt8(0x01, lame + 9);
  const padding = Math.max(0, frames * FRAME_SAMPLES - ENCODER_DELAY - totalSamples);
  frame.writeUIntBE(ENCODER_DELAY * 4096 + padding, lame + 21, 3);
  frame.writeUInt32BE(bytes, lame + 28);
  frame.writeUInt16BE(crc16(frame.subarray(0, lame + 34)), lame + 34);
}

/** CRC-16 with polynomial 0x8005, reflected: of the tag, up to the sum itself. */
function crc16(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc & 1) === 1 ? (crc >> 1) ^ 0xa001 : crc >> 1;
  }
  return crc;
}
