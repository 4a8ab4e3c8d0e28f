import { aacSampleEntry, avcSampleEntry, box, full, list32, list64, u16, u32, u64 } from './mp4-boxes.ts';
import type { NumberList } from './number-list.ts';

/** Times of pictures, and of the movie, are told in the clock of video over RTP. */
export const TIMESCALE = 90_000;

/** Samples that lie together in the file. */
interface Chunk {
  offset: number;
  samples: number;
  /** Index into the descriptions. */
  description: number;
}

/** One decoder configuration: a resolution change brings another. */
interface Description {
  configuration: Buffer;
  size: { width: number; height: number };
}

interface TrackTables {
  bytes: NumberList;
  chunks: Chunk[];
}

export interface VideoTables extends TrackTables {
  kind: 'video';
  /** Of the first frame, in TIMESCALE units. Before it there is nothing to show. */
  start: number;
  /** How long each frame lasts, but the last one, which lasts until the end. */
  durations: NumberList;
  /** Numbers of the frames that are keyframes, from 1. */
  keyframes: NumberList;
  descriptions: Description[];
}

export interface AudioTables extends TrackTables {
  kind: 'audio';
  rateHz: number;
  channels: number;
  /** Every frame holds so many samples. */
  frameSamples: number;
  /** Samples that the decoder gives before the first one that was put in. */
  primingSamples: number;
  totalSamples: number;
  /** AudioSpecificConfig (ISO/IEC 14496-3 section 1.6.2.1). */
  configuration: Buffer;
}

export interface Movie {
  /** Units a second: TIMESCALE where there are pictures; the sample rate for sound alone, so that it ends on a sample. */
  timescale: number;
  duration: number;
}

/** The movie box with all tables. */
export function moov(tracks: readonly (VideoTables | AudioTables)[], movie: Movie): Buffer {
  const { timescale, duration } = movie;
  const movieHeader = full(
    'mvhd',
    1,
    0,
    u64(0, 0),
    u32(timescale),
    u64(duration),
    MOVIE_FIELDS,
    u32(tracks.length + 1),
  );
  return box('moov', movieHeader, ...tracks.map((track, index) => trak(track, index + 1, duration)));
}

function trak(track: VideoTables | AudioTables, id: number, duration: number): Buffer {
  const video = track.kind === 'video';
  const sizes = video ? track.descriptions.map(({ size }) => size) : [];
  const width = Math.max(0, ...sizes.map(size => size.width));
  const height = Math.max(0, ...sizes.map(size => size.height));
  const volume = video ? 0 : 0x100;
  const header = full(
    'tkhd',
    1,
    3,
    u64(0, 0),
    u32(id, 0),
    u64(duration),
    Buffer.alloc(8),
    u16(0, video ? 0 : 1, volume, 0),
    UNITY_MATRIX,
    u32(width * 65_536, height * 65_536),
  );
  const timescale = video ? TIMESCALE : track.rateHz;
  const mediaDuration = video ? duration - track.start : mediaSamples(track);
  const mediaHeader = full('mdhd', 1, 0, u64(0, 0), u32(timescale), u64(mediaDuration), u16(0x55c4, 0));
  const [handler, name] = video ? ['vide', 'Video\0'] : ['soun', 'Sound\0'];
  const handlerBox = full('hdlr', 0, 0, u32(0), Buffer.from(handler), u32(0, 0, 0), Buffer.from(name));
  const dataInfo = box('dinf', full('dref', 0, 0, u32(1), full('url ', 0, 1)));
  const kindHeader = video ? full('vmhd', 0, 1, u16(0, 0, 0, 0)) : full('smhd', 0, 0, u16(0, 0));
  const mediaInfo = box('minf', kindHeader, dataInfo, sampleTable(track, duration));
  return box('trak', header, edits(track, duration), box('mdia', mediaHeader, handlerBox, mediaInfo));
}

/** An empty edit stands for the time before the first picture; a sound's edit passes over the decoder's start-up. */
function edits(track: VideoTables | AudioTables, duration: number): Buffer {
  const rate = u32(0x10000);
  if (track.kind === 'audio') {
    return box('edts', full('elst', 1, 0, u32(1), u64(duration, track.primingSamples), rate));
  }
  const { start } = track;
  const empty = start > 0 ? [u64(start), Buffer.alloc(8, 0xff), rate] : [];
  return box('edts', full('elst', 1, 0, u32(start > 0 ? 2 : 1), ...empty, u64(duration - start, 0), rate));
}

function sampleTable(track: VideoTables | AudioTables, duration: number): Buffer {
  const { chunks, bytes } = track;
  return box(
    'stbl',
    descriptionsOf(track),
    timesOf(track, duration),
    ...(track.kind === 'video'
      ? [full('stss', 0, 0, u32(track.keyframes.length), list32(track.keyframes.values()))]
      : [rollGroups(bytes.length), full('sgpd', 1, 0, Buffer.from('roll'), u32(2, 1), u16(0xffff))]),
    chunkRuns(chunks),
    full('stsz', 0, 0, u32(0, bytes.length), list32(bytes.values())),
    full('co64', 0, 0, u32(chunks.length), list64(chunks.map(({ offset }) => offset))),
  );
}

const mediaSamples = ({ primingSamples, totalSamples }: AudioTables) => primingSamples + totalSamples;

function descriptionsOf(track: VideoTables | AudioTables): Buffer {
  if (track.kind === 'audio') return full('stsd', 0, 0, u32(1), aacSampleEntry(track));
  const { descriptions } = track;
  return full('stsd', 0, 0, u32(descriptions.length), ...descriptions.map(avcSampleEntry));
}

/** A decoder that begins at a frame is right from the one after it: all frames belong to one group that says so. */
const rollGroups = (frames: number) => full('sbgp', 0, 0, Buffer.from('roll'), u32(1, frames, 1));

function timesOf(track: VideoTables | AudioTables, duration: number): Buffer {
  if (track.kind === 'audio') {
    // The last frame counts as far as there is sound in it.
    const last = mediaSamples(track) - (track.bytes.length - 1) * track.frameSamples;
    return full('stts', 0, 0, u32(2, track.bytes.length - 1, track.frameSamples, 1, Math.max(1, last)));
  }
  const durations = track.durations.values();
  const toLast = durations.reduce((sum, value) => sum + value, track.start);
  const entries: number[] = [];
  const add = (value: number) => {
    const last = entries.length - 2;
    if (entries[last + 1] === value) entries[last] = (entries[last] ?? 0) + 1;
    else entries.push(1, value);
  };
  for (const value of durations) add(value);
  add(Math.max(1, duration - toLast));
  return full('stts', 0, 0, u32(entries.length / 2), list32(entries));
}

/** Chunks in a row with as many samples and the same description are told once. */
function chunkRuns(chunks: readonly Chunk[]): Buffer {
  const entries: number[] = [];
  for (const [index, { samples, description }] of chunks.entries()) {
    const same = entries.at(-2) === samples && entries.at(-1) === description + 1;
    if (!same) entries.push(index + 1, samples, description + 1);
  }
  return full('stsc', 0, 0, u32(entries.length / 3), list32(entries));
}

const UNITY_MATRIX = u32(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000);
/** Rate 1, volume 1, unity matrix. */
const MOVIE_FIELDS = Buffer.concat([
  u32(0x10000),
  u16(0x100),
  Buffer.alloc(10),
  UNITY_MATRIX,
  Buffer.alloc(24),
]);
