import { OPUS_RATE_HZ } from './opus.ts';

export const BYTES_PER_SAMPLE = 3;

/** What editors show of a file, and by which they place it: the Broadcast Wave extension (EBU Tech 3285). */
export interface WavOrigin {
  /** Cut to 256 letters; what is not ASCII becomes a question mark. */
  description: string;
  /** Wall clock of the first sample, ISO 8601; told in UTC. */
  startedAt: string;
}

/**
 * The header of a 48 kHz 24-bit PCM file whose length is known: RIFF, or RF64 (EBU Tech 3306) where RIFF's 32 bits
 * do not reach; with a `bext` chunk.
 */
export function wavHeader(samples: number, channels: number, origin: WavOrigin): Buffer {
  const dataBytes = samples * channels * BYTES_PER_SAMPLE;
  const afterRiff = [bext(origin), format(channels)];
  const restBytes = 4 + 8 + dataBytes + (dataBytes % 2);
  const headBytes = (chunks: Buffer[]) => chunks.reduce((sum, chunk) => sum + chunk.length, restBytes);
  const large = headBytes(afterRiff) > 0xffff_ffff;
  if (large) afterRiff.unshift(ds64(headBytes(afterRiff) + DS64_BYTES, dataBytes, samples));
  return Buffer.concat([
    chunkHead(large ? 'RF64' : 'RIFF', large ? 0xffff_ffff : headBytes(afterRiff)),
    Buffer.from('WAVE', 'latin1'),
    ...afterRiff,
    chunkHead('data', large ? 0xffff_ffff : dataBytes),
  ]);
}

/**
 * The plainest header there is, of 44 bytes. RIFF's 32 bits reach for twelve hours of one channel of 16 bits; players take
 * what is longer from the length in HTTP.
 */
export function plainWavHeader(samples: number, channels: number, bytesPerSample: number): Buffer {
  const dataBytes = Math.min(samples * channels * bytesPerSample, 0xffff_ffff - PLAIN_WAV_HEADER_BYTES);
  return Buffer.concat([
    chunkHead('RIFF', PLAIN_WAV_HEADER_BYTES - 8 + dataBytes),
    Buffer.from('WAVE', 'latin1'),
    format(channels, bytesPerSample),
    chunkHead('data', dataBytes),
  ]);
}

export const PLAIN_WAV_HEADER_BYTES = 12 + 24 + 8;

/** Where the samples begin in a file that is not RF64. */
export const WAV_HEADER_BYTES = 12 + 610 + 24 + 8;

/** Chunks of a RIFF file have even lengths. */
export const wavPadding = (samples: number, channels: number): Buffer =>
  Buffer.alloc((samples * channels * BYTES_PER_SAMPLE) % 2);

const DS64_BYTES = 36;

function ds64(riffBytes: number, dataBytes: number, samples: number): Buffer {
  const chunk = Buffer.alloc(DS64_BYTES);
  chunkHead('ds64', DS64_BYTES - 8).copy(chunk);
  chunk.writeBigUInt64LE(BigInt(riffBytes), 8);
  chunk.writeBigUInt64LE(BigInt(dataBytes), 16);
  chunk.writeBigUInt64LE(BigInt(samples), 24);
  return chunk;
}

function format(channels: number, bytesPerSample = BYTES_PER_SAMPLE): Buffer {
  const chunk = Buffer.alloc(24);
  chunkHead('fmt ', 16).copy(chunk);
  chunk.writeUInt16LE(1, 8);
  chunk.writeUInt16LE(channels, 10);
  chunk.writeUInt32LE(OPUS_RATE_HZ, 12);
  chunk.writeUInt32LE(OPUS_RATE_HZ * channels * bytesPerSample, 16);
  chunk.writeUInt16LE(channels * bytesPerSample, 20);
  chunk.writeUInt16LE(bytesPerSample * 8, 22);
  return chunk;
}

const BEXT_BYTES = 602;
const DAY_MS = 86_400_000;

/** Version 1, without a UMID. The time reference counts samples since midnight. */
function bext({ description, startedAt }: WavOrigin): Buffer {
  const chunk = Buffer.alloc(8 + BEXT_BYTES);
  chunkHead('bext', BEXT_BYTES).copy(chunk);
  const iso = new Date(startedAt).toISOString();
  const sinceMidnightMs = Date.parse(iso) % DAY_MS;
  chunk.write(description.replace(/[^\x20-\x7e]/g, '?').slice(0, 256), 8, 'latin1');
  chunk.write('CraterSync', 264, 'latin1');
  chunk.write(iso.slice(0, 10), 328, 'latin1');
  chunk.write(iso.slice(11, 19), 338, 'latin1');
  chunk.writeBigUInt64LE(BigInt(Math.round((sinceMidnightMs * OPUS_RATE_HZ) / 1000)), 346);
  chunk.writeUInt16LE(1, 354);
  return chunk;
}

function chunkHead(id: string, bytes: number): Buffer {
  const head = Buffer.alloc(8);
  head.write(id, 0, 'latin1');
  head.writeUInt32LE(bytes, 4);
  return head;
}
