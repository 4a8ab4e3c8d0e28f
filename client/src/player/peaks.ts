/** A stem's waveform, fetched in parts: its head first, then the level that the zoom needs. docs/stems.md has the layout. */

export interface PeakLevel {
  bucketSamples: number;
  buckets: number;
  /** Of the first bucket in the file. */
  offset: number;
}

export interface PeaksHead {
  rateHz: number;
  /** The coarsest first. */
  levels: PeakLevel[];
}

const HEAD_BYTES = 12;
const LEVEL_BYTES = 12;
/** Room for more levels than any recording has. */
export const HEAD_REACH_BYTES = HEAD_BYTES + 16 * LEVEL_BYTES;

/** @throws RangeError when it is no waveform */
export function parsePeaksHead(bytes: Uint8Array): PeaksHead {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const magic = String.fromCharCode(...bytes.subarray(0, 4));
  const count = bytes[5] ?? 0;
  if (magic !== 'CSPK' || bytes[4] !== 1 || bytes.length < HEAD_BYTES + count * LEVEL_BYTES)
    throw new RangeError('this is no waveform');
  const levels = Array.from({ length: count }, (_, level) => {
    const at = HEAD_BYTES + level * LEVEL_BYTES;
    return {
      bucketSamples: view.getUint32(at, true),
      buckets: view.getUint32(at + 4, true),
      offset: view.getUint32(at + 8, true),
    };
  });
  return { rateHz: view.getUint32(8, true), levels };
}

/** @returns the coarsest level that still has a bucket for every pixel; else the finest */
export function levelFor({ rateHz, levels }: PeaksHead, pixelsPerSecond: number): PeakLevel | null {
  const enough = levels.find(({ bucketSamples }) => rateHz / bucketSamples >= pixelsPerSecond);
  return enough ?? levels.at(-1) ?? null;
}

/** The lowest and highest of each column of pixels, −1..1. @param buckets of the level, two signed bytes each */
export function columns(
  buckets: Int8Array,
  { rateHz }: PeaksHead,
  { bucketSamples }: PeakLevel,
  { startS, secondsPerPixel, width }: { startS: number; secondsPerPixel: number; width: number },
): { low: number; high: number }[] {
  const perSecond = rateHz / bucketSamples;
  return Array.from({ length: width }, (_, column) => {
    const from = Math.floor((startS + column * secondsPerPixel) * perSecond);
    const to = Math.max(from + 1, Math.floor((startS + (column + 1) * secondsPerPixel) * perSecond));
    let [low, high] = [0, 0];
    for (let bucket = Math.max(0, from); bucket < to; bucket += 1) {
      low = Math.min(low, buckets[2 * bucket] ?? 0);
      high = Math.max(high, buckets[2 * bucket + 1] ?? 0);
    }
    return { low: low / 127, high: high / 127 };
  });
}

/** Waveforms by their address, each level fetched once. */
export class PeaksSource {
  readonly #url: string;
  #head: Promise<PeaksHead> | null = null;
  readonly #levels = new Map<number, Promise<Int8Array>>();

  constructor(url: string) {
    this.#url = url;
  }

  head(): Promise<PeaksHead> {
    this.#head ??= this.#fetch(0, HEAD_REACH_BYTES).then(parsePeaksHead);
    return this.#head;
  }

  buckets({ offset, buckets }: PeakLevel): Promise<Int8Array> {
    const known = this.#levels.get(offset);
    if (known !== undefined) return known;
    const fetched = this.#fetch(offset, buckets * 2).then(bytes => new Int8Array(bytes.buffer));
    this.#levels.set(offset, fetched);
    return fetched;
  }

  async #fetch(start: number, bytes: number): Promise<Uint8Array<ArrayBuffer>> {
    const response = await fetch(this.#url, { headers: { range: `bytes=${start}-${start + bytes - 1}` } });
    if (!response.ok) throw new Error(`the server answered ${response.status}`);
    const got = new Uint8Array(await response.arrayBuffer());
    // A server that knows no ranges sends everything.
    return response.status === 206 ? got : got.slice(start, start + bytes);
  }
}
