import { OPUS_RATE_HZ } from './opus.ts';
import type { AudioShape } from './pcm.ts';
import type { ByteSink } from './sink.ts';
import { BYTES_PER_SAMPLE } from './wav.ts';

/**
 * The waveform, to be drawn at any zoom: for every 10 ms the lowest and the highest sample of all channels, and coarser
 * levels of eight to one, the coarsest first. A page fetches the head and the level it needs.
 *
 * Layout, little-endian: `CSPK`, version 1 (1 byte), number of levels (1), zero (2), sample rate (4); for each level the
 * samples a bucket holds (4), how many buckets (4), and the offset of the first (4); then the buckets, each two signed
 * bytes, −127..127 of full scale.
 */
export async function writePeaks(
  pcm: AsyncIterable<Uint8Array>,
  { channels, totalSamples }: AudioShape,
  sink: ByteSink,
): Promise<void> {
  const finest = new Int8Array(Math.ceil(totalSamples / BUCKET_SAMPLES) * 2);
  let index = 0;
  for await (const part of pcm) index = addPart(finest, part, channels, index);
  const levels = [{ bucketSamples: BUCKET_SAMPLES, buckets: finest }];
  for (
    let last = levels[0];
    last !== undefined && last.buckets.length > 2 * FACTOR * FEW_BUCKETS;
    last = levels[0]
  ) {
    levels.unshift({ bucketSamples: last.bucketSamples * FACTOR, buckets: coarser(last.buckets) });
  }
  const head = Buffer.alloc(HEAD_BYTES + LEVEL_BYTES * levels.length);
  head.write('CSPK', 0, 'latin1');
  head.writeUInt8(1, 4);
  head.writeUInt8(levels.length, 5);
  head.writeUInt32LE(OPUS_RATE_HZ, 8);
  let offset = head.length;
  for (const [level, { bucketSamples, buckets }] of levels.entries()) {
    const at = HEAD_BYTES + LEVEL_BYTES * level;
    head.writeUInt32LE(bucketSamples, at);
    head.writeUInt32LE(buckets.length / 2, at + 4);
    head.writeUInt32LE(offset, at + 8);
    offset += buckets.length;
  }
  await sink.write(head);
  for (const { buckets } of levels) await sink.write(new Uint8Array(buckets.buffer));
}

const BUCKET_SAMPLES = 480;
const FACTOR = 8;
/** A level with so few buckets needs no coarser one. */
const FEW_BUCKETS = 512;
const HEAD_BYTES = 12;
const LEVEL_BYTES = 12;

/** Takes the upper byte of every sample, rounded. @returns the index of the next sample */
function addPart(buckets: Int8Array, part: Uint8Array, channels: number, firstIndex: number): number {
  let index = firstIndex;
  const stride = channels * BYTES_PER_SAMPLE;
  for (let offset = 0; offset + stride <= part.length; offset += stride) {
    const bucket = 2 * Math.floor(index / BUCKET_SAMPLES);
    index += 1;
    for (let byte = offset + 1; byte < offset + stride; byte += BYTES_PER_SAMPLE) {
      const value = (((part[byte] as number) | ((part[byte + 1] as number) << 8)) << 16) >> 16;
      const scaled = Math.round(value / 258);
      if (scaled < (buckets[bucket] as number)) buckets[bucket] = scaled;
      if (scaled > (buckets[bucket + 1] as number)) buckets[bucket + 1] = scaled;
    }
  }
  return index;
}

function coarser(fine: Int8Array): Int8Array<ArrayBuffer> {
  const coarse = new Int8Array(Math.ceil(fine.length / 2 / FACTOR) * 2);
  for (let index = 0; index < fine.length; index += 2) {
    const bucket = 2 * Math.floor(index / 2 / FACTOR);
    coarse[bucket] = Math.min(coarse[bucket] as number, fine[index] as number);
    coarse[bucket + 1] = Math.max(coarse[bucket + 1] as number, fine[index + 1] as number);
  }
  return coarse;
}
