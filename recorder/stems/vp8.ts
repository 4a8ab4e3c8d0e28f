import { transcode } from './ffmpeg.ts';
import type { Depacketizer, VideoFrame } from './frames.ts';

/** Bytes of the payload descriptor, RFC 7741 section 4.2; -1 when it is cut off. */
function descriptorBytes(payload: Buffer): number {
  const first = payload[0] ?? 0;
  if ((first & 0x80) === 0) return payload.length > 1 ? 1 : -1;
  const extension = payload[1] ?? 0;
  let bytes = 2;
  if ((extension & 0x80) !== 0) bytes += ((payload[bytes] ?? 0) & 0x80) !== 0 ? 2 : 1;
  if ((extension & 0x40) !== 0) bytes += 1;
  if ((extension & 0x30) !== 0) bytes += 1;
  return payload.length > bytes ? bytes : -1;
}

export function vp8Depacketizer(): Depacketizer {
  let size = { width: 0, height: 0 };
  return {
    // The S bit of partition 0.
    startsFrame: payload => ((payload[0] ?? 0) & 0x17) === 0x10,
    assemble(payloads) {
      const parts: Buffer[] = [];
      for (const payload of payloads) {
        const start = descriptorBytes(payload);
        if (start < 0) return null;
        parts.push(payload.subarray(start));
      }
      const data = Buffer.concat(parts);
      // RFC 6386 section 9.1: the lowest bit is 0 in a keyframe, which then carries a start code and its size.
      const keyframe = data.length >= 10 && (data.readUInt8(0) & 1) === 0;
      if (keyframe) {
        if (data.readUIntBE(3, 3) !== 0x9d012a) return null;
        size = { width: data.readUInt16LE(6) & 0x3fff, height: data.readUInt16LE(8) & 0x3fff };
      }
      return { keyframe, data, size, configuration: null };
    },
  };
}

const IVF_HEADER_BYTES = 32;
const IVF_FRAME_HEADER_BYTES = 12;

/** One black keyframe, encoded by libvpx: always the same bytes for a size. */
export async function blackVp8(size: VideoFrame['size']): Promise<Buffer> {
  const { width, height } = size;
  const luma = Buffer.alloc(width * height, 16);
  const chroma = Buffer.alloc(2 * Math.ceil(width / 2) * Math.ceil(height / 2), 128);
  const input = (async function* () {
    yield luma;
    yield chroma;
  })();
  const raw = ['-f', 'rawvideo', '-pix_fmt', 'yuv420p', '-s', `${width}x${height}`];
  const parts: Buffer[] = [];
  for await (const part of transcode(input, raw, ['-c:v', 'libvpx', '-f', 'ivf'])) parts.push(part);
  return Buffer.concat(parts).subarray(IVF_HEADER_BYTES + IVF_FRAME_HEADER_BYTES);
}
