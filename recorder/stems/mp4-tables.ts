/** Times are told in the clock of video over RTP. */
export const TIMESCALE = 90_000;

/** One decoder configuration: a resolution change brings another. */
export interface Description {
  configuration: Buffer;
  size: { width: number; height: number };
}

/** Samples that lie together in the file. */
export interface Chunk {
  offset: number;
  samples: number;
  /** Index into the descriptions. */
  description: number;
}

export interface Sample {
  at: number;
  bytes: number;
  keyframe: boolean;
}

interface Movie {
  duration: number;
  samples: Sample[];
  chunks: Chunk[];
  descriptions: Description[];
}

/** The movie box with all the tables of its one track. */
export function moov(movie: Movie): Buffer {
  const { samples, duration, descriptions } = movie;
  const start = samples[0]?.at ?? 0;
  const width = Math.max(0, ...descriptions.map(({ size }) => size.width));
  const height = Math.max(0, ...descriptions.map(({ size }) => size.height));
  const mediaDuration = duration - start;
  const movieHeader = full('mvhd', 1, 0, u64(0, 0), u32(TIMESCALE), u64(duration), MOVIE_FIELDS);
  const trackHeader = full(
    'tkhd',
    1,
    3,
    u64(0, 0),
    u32(1, 0),
    u64(duration),
    TRACK_FIELDS,
    u32(width << 16, height << 16),
  );
  const mediaHeader = full('mdhd', 1, 0, u64(0, 0), u32(TIMESCALE), u64(mediaDuration), u16(0x55c4, 0));
  const handler = full('hdlr', 0, 0, u32(0), Buffer.from('vide'), u32(0, 0, 0), Buffer.from('Video\0'));
  const dataInfo = box('dinf', full('dref', 0, 0, u32(1), full('url ', 0, 1)));
  const mediaInfo = box('minf', full('vmhd', 0, 1, u16(0, 0, 0, 0)), dataInfo, sampleTable(movie));
  const media = box('mdia', mediaHeader, handler, mediaInfo);
  return box('moov', movieHeader, box('trak', trackHeader, edits(start, duration), media));
}

/** Before the first frame there is nothing to show: an empty edit stands for that time. */
function edits(start: number, duration: number): Buffer {
  const rate = u32(0x10000);
  const empty = start > 0 ? [u64(start), Buffer.alloc(8, 0xff), rate] : [];
  return box('edts', full('elst', 1, 0, u32(start > 0 ? 2 : 1), ...empty, u64(duration - start, 0), rate));
}

function sampleTable({ samples, chunks, descriptions, duration }: Movie): Buffer {
  const deltas = samples.map(({ at }, index) => Math.max(1, (samples[index + 1]?.at ?? duration) - at));
  const times = runs(deltas);
  const keyframes = samples.flatMap(({ keyframe }, index) => (keyframe ? [index + 1] : []));
  const chunkRuns = runs(chunks.map(({ samples: count, description }) => `${count} ${description + 1}`));
  let firstChunk = 1;
  const chunkTable = chunkRuns.flatMap(({ value, count }) => {
    const entry = [firstChunk, ...value.split(' ').map(Number)];
    firstChunk += count;
    return entry;
  });
  const sizes = samples.map(({ bytes }) => bytes);
  return box(
    'stbl',
    full('stsd', 0, 0, u32(descriptions.length), ...descriptions.map(sampleEntry)),
    full('stts', 0, 0, u32(times.length), list32(times.flatMap(({ value, count }) => [count, value]))),
    full('stss', 0, 0, u32(keyframes.length), list32(keyframes)),
    full('stsc', 0, 0, u32(chunkRuns.length), list32(chunkTable)),
    full('stsz', 0, 0, u32(0, samples.length), list32(sizes)),
    full('co64', 0, 0, u32(chunks.length), list64(chunks.map(({ offset }) => offset))),
  );
}

function sampleEntry({ configuration, size }: Description): Buffer {
  const compressor = Buffer.alloc(32);
  return box(
    'avc1',
    Buffer.alloc(6),
    u16(1),
    Buffer.alloc(16),
    u16(size.width, size.height),
    u32(0x480000, 0x480000, 0),
    u16(1),
    compressor,
    u16(24, 0xffff),
    box('avcC', configuration),
  );
}

/** Equal values in a row, counted. */
function runs<Value>(values: readonly Value[]): { value: Value; count: number }[] {
  const found: { value: Value; count: number }[] = [];
  for (const value of values) {
    const last = found.at(-1);
    if (last !== undefined && last.value === value) last.count += 1;
    else found.push({ value, count: 1 });
  }
  return found;
}

function box(type: string, ...parts: Buffer[]): Buffer {
  const bytes = parts.reduce((sum, part) => sum + part.length, 8);
  return Buffer.concat([u32(bytes), Buffer.from(type, 'latin1'), ...parts]);
}

const full = (type: string, version: number, flags: number, ...parts: Buffer[]) =>
  box(type, u32(version * 2 ** 24 + flags), ...parts);

function u16(...values: number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2);
  for (const [index, value] of values.entries()) bytes.writeUInt16BE(value, index * 2);
  return bytes;
}

/** Lists grow with the recording: too long to be passed as arguments. */
function list32(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value, index * 4);
  return bytes;
}

function list64(values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 8);
  for (const [index, value] of values.entries()) bytes.writeBigUInt64BE(BigInt(value), index * 8);
  return bytes;
}

const u32 = (...values: number[]) => list32(values);
const u64 = (...values: number[]) => list64(values);

const UNITY_MATRIX = u32(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000);
/** Rate 1, volume 1, unity matrix, next track 2. */
const MOVIE_FIELDS = Buffer.concat([
  u32(0x10000),
  u16(0x100),
  Buffer.alloc(10),
  UNITY_MATRIX,
  Buffer.alloc(24),
  u32(2),
]);
const TRACK_FIELDS = Buffer.concat([Buffer.alloc(8), u16(0, 0, 0, 0), UNITY_MATRIX]);
