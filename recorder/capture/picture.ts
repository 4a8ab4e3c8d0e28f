import { parseSps } from '../stems/h264-sps.ts';

export interface PictureSize {
  widthPx: number;
  heightPx: number;
}

/** Finds the picture's size in an RTP packet whose payload lies between `start` and `end`; null where it holds none. */
export type SizeReader = (packet: Buffer, start: number, end: number) => PictureSize | null;

/** Only key frames tell a size, in their first packet: for every other one this looks at a byte or two. */
export function sizeReaderOf(mimeType: string): SizeReader | null {
  switch (mimeType.toLowerCase()) {
    case 'video/vp8':
      return vp8Size;
    case 'video/h264':
      return h264Size;
    default:
      return null;
  }
}

/** Payload descriptor: RFC 7741 section 4.2; frame header: RFC 6386 section 9.1. */
function vp8Size(packet: Buffer, start: number, end: number): PictureSize | null {
  const first = packet[start] ?? 0;
  // The first packet of the frame's first partition.
  if ((first & 0x17) !== 0x10) return null;
  let at = start + 1;
  if ((first & 0x80) !== 0) {
    const extension = packet[at] ?? 0;
    at += 1;
    if ((extension & 0x80) !== 0) at += ((packet[at] ?? 0) & 0x80) !== 0 ? 2 : 1;
    if ((extension & 0x40) !== 0) at += 1;
    if ((extension & 0x30) !== 0) at += 1;
  }
  // The lowest bit is 0 in a key frame, which then has a start code.
  if (end < at + 10 || ((packet[at] ?? 1) & 1) !== 0) return null;
  if (packet.readUIntBE(at + 3, 3) !== 0x9d012a) return null;
  return { widthPx: packet.readUInt16LE(at + 6) & 0x3fff, heightPx: packet.readUInt16LE(at + 8) & 0x3fff };
}

const SPS = 7;
const STAP_A = 24;

/** A parameter set comes alone, or first in an aggregate (RFC 6184 sections 5.6 and 5.7.1). */
function h264Size(packet: Buffer, start: number, end: number): PictureSize | null {
  if (start === end) return null;
  const type = (packet[start] ?? 0) & 0x1f;
  if (type === SPS) return spsSize(packet.subarray(start, end));
  if (type !== STAP_A || end < start + 4) return null;
  const nalEnd = start + 3 + packet.readUInt16BE(start + 1);
  if (nalEnd > end || ((packet[start + 3] ?? 0) & 0x1f) !== SPS) return null;
  return spsSize(packet.subarray(start + 3, nalEnd));
}

function spsSize(nal: Buffer): PictureSize | null {
  const sps = parseSps(nal);
  if (sps === null || sps.width <= 0 || sps.height <= 0) return null;
  return { widthPx: sps.width, heightPx: sps.height };
}
