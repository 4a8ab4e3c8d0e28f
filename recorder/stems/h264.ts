import type { Depacketizer } from './frames.ts';
import { parseSps } from './h264-sps.ts';

const NAL = { idr: 5, sps: 7, pps: 8, delimiter: 9, stapA: 24, fuA: 28 } as const;
const typeOf = (nal: Buffer) => (nal[0] ?? 0) & 0x1f;

/**
 * RFC 6184, packetization modes 0 and 1: single NAL units, STAP-A and FU-A. Frames come out in MP4's form, each NAL
 * unit behind its length; parameter sets go into the decoder configuration instead.
 */
export function h264Depacketizer(): Depacketizer {
  let sps: Buffer | null = null;
  let pps: Buffer | null = null;
  let decoder: { configuration: Buffer; size: { width: number; height: number } } | null = null;
  return {
    startsFrame: payload => {
      const first = typeOf(payload) === NAL.stapA ? (payload[3] ?? 0) & 0x1f : typeOf(payload);
      return first === NAL.sps || first === NAL.delimiter;
    },
    assemble(payloads) {
      const nals = unpack(payloads);
      if (nals === null) return null;
      const slices: Buffer[] = [];
      for (const nal of nals) {
        if (typeOf(nal) === NAL.sps) sps = nal;
        else if (typeOf(nal) === NAL.pps) pps = nal;
        else if (typeOf(nal) !== NAL.delimiter) slices.push(nal);
      }
      if (nals.some(nal => typeOf(nal) === NAL.sps || typeOf(nal) === NAL.pps)) {
        decoder = sps === null || pps === null ? null : configure(sps, pps);
      }
      if (decoder === null || slices.length === 0) return null;
      const keyframe = slices.some(nal => typeOf(nal) === NAL.idr);
      return { keyframe, data: Buffer.concat(slices.flatMap(nal => [u32(nal.length), nal])), ...decoder };
    },
  };
}

/** @returns null when a unit is malformed or a fragment is missing */
function unpack(payloads: Buffer[]): Buffer[] | null {
  const nals: Buffer[] = [];
  let fragments: Buffer[] | null = null;
  for (const payload of payloads) {
    const type = typeOf(payload);
    if (type === NAL.fuA) {
      const head = payload[1];
      if (head === undefined) return null;
      if ((head & 0x80) !== 0) fragments = [Buffer.from([((payload[0] ?? 0) & 0xe0) | (head & 0x1f)])];
      if (fragments === null) return null;
      fragments.push(payload.subarray(2));
      if ((head & 0x40) === 0) continue;
      nals.push(Buffer.concat(fragments));
      fragments = null;
    } else if (fragments !== null) {
      return null;
    } else if (type === NAL.stapA) {
      for (let offset = 1; offset < payload.length; ) {
        if (offset + 2 > payload.length) return null;
        const end = offset + 2 + payload.readUInt16BE(offset);
        if (end > payload.length) return null;
        nals.push(payload.subarray(offset + 2, end));
        offset = end;
      }
    } else if (type >= 1 && type <= 23) {
      nals.push(payload);
    } else {
      return null;
    }
  }
  return fragments === null && nals.every(nal => nal.length > 1) ? nals : null;
}

/** AVCDecoderConfigurationRecord, ISO/IEC 14496-15 section 5.3.3.1.2. */
function configure(sps: Buffer, pps: Buffer) {
  const parsed = parseSps(sps);
  if (parsed === null) return null;
  const parts = [
    Buffer.from([1, sps[1] ?? 0, sps[2] ?? 0, sps[3] ?? 0, 0xff, 0xe1]),
    u16(sps.length),
    sps,
    Buffer.from([1]),
    u16(pps.length),
    pps,
  ];
  if (parsed.high !== null) {
    const { chromaFormat, bitDepthLuma, bitDepthChroma } = parsed.high;
    parts.push(Buffer.from([0xfc | chromaFormat, 0xf8 | (bitDepthLuma - 8), 0xf8 | (bitDepthChroma - 8), 0]));
  }
  return { configuration: Buffer.concat(parts), size: { width: parsed.width, height: parsed.height } };
}

function u16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
