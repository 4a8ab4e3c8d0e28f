import type { ByteSink } from './sink.ts';

/** Offsets in a FLAC file (RFC 9639 section 8.2): the marker and a block header stand before STREAMINFO. */
const RATE_TO_TOTAL = 18;
const MD5 = 26;

/** ffmpeg cannot seek back in a pipe, so it leaves the length and the MD5 of the samples empty. */
export function patchStreamInfo(
  sink: ByteSink,
  streamInfoHead: Uint8Array,
  samples: number,
  md5: Uint8Array,
): void {
  const packed = Buffer.from(streamInfoHead.subarray(RATE_TO_TOTAL, RATE_TO_TOTAL + 8));
  const total = BigInt.asUintN(36, BigInt(samples));
  packed.writeBigUInt64BE(((packed.readBigUInt64BE(0) >> 36n) << 36n) | total);
  sink.patch(RATE_TO_TOTAL, packed);
  sink.patch(MD5, md5);
}

export const STREAM_INFO_BYTES = 42;
