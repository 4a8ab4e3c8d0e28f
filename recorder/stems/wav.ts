import { OPUS_RATE_HZ } from './opus.ts';

export const BYTES_PER_SAMPLE = 3;

/**
 * The header of a 48 kHz 24-bit PCM file whose length is known: RIFF, or RF64 (EBU Tech 3306) where RIFF's 32 bits
 * do not reach.
 */
export function wavHeader(samples: number, channels: number): Buffer {
  const dataBytes = samples * channels * BYTES_PER_SAMPLE;
  const small = Buffer.alloc(44);
  const riffBytes = small.length - 8 + dataBytes + (dataBytes % 2);
  const large = riffBytes > 0xffff_ffff;
  small.write(large ? 'RF64' : 'RIFF', 0, 'latin1');
  small.writeUInt32LE(large ? 0xffff_ffff : riffBytes, 4);
  small.write('WAVEfmt ', 8, 'latin1');
  small.writeUInt32LE(16, 16);
  small.writeUInt16LE(1, 20);
  small.writeUInt16LE(channels, 22);
  small.writeUInt32LE(OPUS_RATE_HZ, 24);
  small.writeUInt32LE(OPUS_RATE_HZ * channels * BYTES_PER_SAMPLE, 28);
  small.writeUInt16LE(channels * BYTES_PER_SAMPLE, 32);
  small.writeUInt16LE(BYTES_PER_SAMPLE * 8, 34);
  small.write('data', 36, 'latin1');
  small.writeUInt32LE(large ? 0xffff_ffff : dataBytes, 40);
  if (!large) return small;
  const ds64 = Buffer.alloc(36);
  ds64.write('ds64', 0, 'latin1');
  ds64.writeUInt32LE(28, 4);
  ds64.writeBigUInt64LE(BigInt(riffBytes + ds64.length), 8);
  ds64.writeBigUInt64LE(BigInt(dataBytes), 16);
  ds64.writeBigUInt64LE(BigInt(samples), 24);
  return Buffer.concat([small.subarray(0, 12), ds64, small.subarray(12)]);
}

/** Chunks of a RIFF file have even lengths. */
export const wavPadding = (samples: number, channels: number): Buffer =>
  Buffer.alloc((samples * channels * BYTES_PER_SAMPLE) % 2);
