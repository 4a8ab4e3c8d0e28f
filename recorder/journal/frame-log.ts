import { type FileHandle, mkdir, open, readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { syncDirectory } from '../store/durable-files.ts';
import { framesAddon } from './frames-addon.ts';
import { LogMemory } from './log-memory.ts';

/**
 * The write-ahead log of media: the heads and frames of all open chunks in the order in which they were sealed, in
 * segment files. Everything in it is ciphertext.
 *
 * Entry: payload length u32, CRC-32 u32, chunk number u32, index u32, payload. Index 0 is the chunk's head, n its
 * nth frame, counted from 1. The CRC covers numbers and payload, and finds a torn tail; it is the IEEE one because zlib computes that at memory speed. Who may have
 * written a frame is the business of its authentication tag.
 *
 * Segments are named `<epoch>-<number>.frames`. A recorder only appends to those of its own epoch, so a chunk
 * number is unique within an epoch, and what a dead recorder left is never touched, only read and deleted.
 */
export const ENTRY_HEAD_BYTES = 16;
/** What an entry can hold at most, and a chunk: a frame and its overhead, with room to grow; frames of a byte each. */
const MAX_ENTRY_BYTES = 128 << 10;
const MAX_FRAMES = 1 << 20;
const SEGMENT_NAME = /^(\d{8})-(\d{8})\.frames$/;

export interface Segment {
  path: string;
  /** Entries that are still needed. At zero, a segment that is no longer written is deleted. */
  live: number;
}

/** A head or a frame in the log. */
export interface LogEntry {
  bytes: number;
  /** Where its payload lies; null until it is durable. */
  place: { segment: Segment; offset: number } | null;
}

/** How files are opened: node's own way, or one with the faults that a test wants. */
export type OpenFile = (path: string, flags: string, mode?: number) => Promise<FileHandle>;

export interface FrameLogOptions {
  directory: string;
  epoch: number;
  maxSegmentBytes: number;
  openFile: OpenFile;
  /** How long a write and its fdatasync took. */
  onSynced?: ((ms: number) => void) | undefined;
}

export class FrameLog {
  readonly #options: FrameLogOptions;
  #current: { segment: Segment; file: FileHandle; bytes: number } | null = null;
  #segments = 0;
  #chunks = 0;
  #durableBytes = 0;
  readonly #memory = new LogMemory<LogEntry>();
  /** Settles when the last commit asked for has ended: they run one after another. */
  #queue: Promise<void> = Promise.resolve();

  constructor(options: FrameLogOptions) {
    this.#options = options;
  }

  /** Bytes that are in memory only. */
  get pendingBytes(): number {
    return this.#memory.pendingBytes;
  }

  /** Bytes that were made durable since it was opened. */
  get durableBytes(): number {
    return this.#durableBytes;
  }

  /** A number for a chunk that begins. */
  nextChunk(): number {
    this.#chunks += 1;
    return this.#chunks;
  }

  /**
   * @param index 0 for the chunk's head, then one more for every frame
   * @param payload is copied
   */
  append(chunk: number, index: number, payload: Uint8Array): LogEntry {
    return this.place(chunk, index, payload.length, (memory, offset) => memory.set(payload, offset));
  }

  /** The same for a payload that is yet to be made: `fill` puts its `bytes` to the offset of the memory it is given. */
  place(
    chunk: number,
    index: number,
    bytes: number,
    fill: (memory: Buffer, offset: number) => void,
  ): LogEntry {
    const entry: LogEntry = { bytes, place: null };
    this.#memory.add(entry, ENTRY_HEAD_BYTES + bytes, (memory, offset) => {
      fill(memory, offset + ENTRY_HEAD_BYTES);
      memory.writeUInt32BE(bytes, offset);
      memory.writeUInt32BE(chunk, offset + 8);
      memory.writeUInt32BE(index, offset + 12);
      memory.writeUInt32BE(checksumOf(memory, offset + 8, bytes + 8), offset + 4);
    });
    return entry;
  }

  /**
   * Makes everything appended so far durable with one write and one fdatasync, and gives the entries their places;
   * after the disk was away with several, so that what it has taken once need not be written again. If one fails,
   * nothing of it is acknowledged, and the next call tries again.
   */
  commit(): Promise<void> {
    const commit = this.#queue.then(() => this.#writePending());
    this.#queue = commit.catch(() => {});
    return commit;
  }

  /** Entries that are safe elsewhere, or not needed. */
  async release(entries: readonly LogEntry[]): Promise<void> {
    const emptied: Segment[] = [];
    for (const { place } of entries) {
      if (place === null) continue;
      place.segment.live -= 1;
      if (place.segment.live === 0 && place.segment !== this.#current?.segment) emptied.push(place.segment);
    }
    for (const segment of emptied) await deleteSegment(segment);
  }

  async close(): Promise<void> {
    await this.#queue;
    await this.#leaveSegment();
  }

  async #writePending(): Promise<void> {
    // What is appended from here on belongs to the next commit.
    for (let left = this.#memory.pendingBytes; left > 0; ) left -= await this.#writeBatch(left);
  }

  /** @returns how many bytes are durable now that were not */
  async #writeBatch(mostBytes: number): Promise<number> {
    const current = await this.#segmentToWrite();
    const batch = this.#memory.oldest(mostBytes);
    const startMs = performance.now();
    // At a position of our own: what a failed attempt left there is written over.
    const { bytesWritten } = await current.file.writev(batch.pieces, current.bytes);
    if (bytesWritten < batch.bytes)
      throw new Error(`only ${bytesWritten} of ${batch.bytes} bytes were written`);
    try {
      await current.file.datasync();
    } catch (error) {
      // After a failed sync the kernel may have dropped what it could not write, and say nothing the next time.
      await this.#leaveSegment();
      throw error;
    }
    this.#options.onSynced?.(performance.now() - startMs);
    this.#durableBytes += batch.bytes;
    let offset = current.bytes;
    for (const entry of this.#memory.release(batch)) {
      entry.place = { segment: current.segment, offset: offset + ENTRY_HEAD_BYTES };
      offset += ENTRY_HEAD_BYTES + entry.bytes;
      current.segment.live += 1;
    }
    current.bytes = offset;
    return batch.bytes;
  }

  async #segmentToWrite() {
    if (this.#current !== null && this.#current.bytes >= this.#options.maxSegmentBytes)
      await this.#leaveSegment();
    if (this.#current === null) {
      const { directory, epoch, openFile } = this.#options;
      const path = join(directory, `${padded(epoch)}-${padded(this.#segments)}.frames`);
      this.#segments += 1;
      const file = await openFile(path, 'wx', 0o600);
      this.#current = { segment: { path, live: 0 }, file, bytes: 0 };
      try {
        await syncDirectory(directory);
      } catch (error) {
        await this.#leaveSegment();
        throw error;
      }
    }
    return this.#current;
  }

  async #leaveSegment(): Promise<void> {
    const current = this.#current;
    this.#current = null;
    await current?.file.close();
    if (current?.segment.live === 0) await deleteSegment(current.segment);
  }
}

/** A chunk as a dead recorder left it: its frames that are whole. */
export interface FoundChunk {
  head: LogEntry;
  headBytes: Buffer;
  /** In order. */
  frames: FoundFrame[];
  /** All are there, and the last is the final one. */
  complete: boolean;
}

export interface FoundFrame extends LogEntry {
  /** Among the frames of its chunk, from 1. */
  index: number;
  final: boolean;
}

/** Reads what earlier recorders left, oldest first. */
export async function scanFrameLog(directory: string): Promise<FoundChunk[]> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const found = new Map<string, FoundChunk>();
  const segments: Segment[] = [];
  const names = (await readdir(directory)).filter(name => SEGMENT_NAME.test(name)).sort();
  for (const name of names) {
    const segment: Segment = { path: join(directory, name), live: 0 };
    const file = await open(segment.path, 'r');
    const bytes = await file.readFile().finally(() => file.close());
    for (const { chunk, index, offset, length } of entriesOf(bytes)) {
      const place = { segment, offset };
      const payload = bytes.subarray(offset, offset + length);
      const key = `${name.slice(0, 8)}-${chunk}`;
      const known = found.get(key);
      // Written again after a failed sync: of the first copy the disk may have kept nothing but what is in memory.
      const before = index === 0 ? known?.head : known?.frames.find(frame => frame.index === index);
      if (before !== undefined) {
        if (before.place !== null) before.place.segment.live -= 1;
        before.place = place;
      } else if (index === 0) {
        const head = { bytes: length, place };
        found.set(key, { head, headBytes: Buffer.from(payload), frames: [], complete: false });
      } else if (known === undefined) {
        // Without its head it cannot be opened.
        continue;
      } else {
        // The first bit of a frame says that it is the last (recorder/format).
        known.frames.push({ bytes: length, place, index, final: ((payload[0] ?? 0) & 0x80) !== 0 });
      }
      segment.live += 1;
    }
    segments.push(segment);
  }
  for (const segment of segments) if (segment.live === 0) await deleteSegment(segment);
  for (const chunk of found.values()) {
    chunk.frames.sort((a, b) => a.index - b.index);
    chunk.complete =
      chunk.frames.at(-1)?.final === true && chunk.frames.at(-1)?.index === chunk.frames.length;
  }
  return [...found.values()];
}

/** The whole entries. Where one is damaged, the next whole one is looked for behind it. */
function* entriesOf(bytes: Buffer) {
  for (let at = 0; bytes.length - at >= ENTRY_HEAD_BYTES; ) {
    const entry = entryAt(bytes, at);
    if (entry?.holds === true) {
      yield entry;
      at = entry.offset + entry.length;
    } else {
      // Its length may be what is damaged.
      const next = entry === null ? at : entry.offset + entry.length;
      at = entryAt(bytes, next)?.holds === true ? next : nextWhole(bytes, at + 1);
    }
  }
}

/** Where the next whole entry begins; the end of the bytes when there is none. What cannot be one costs no checksum. */
function nextWhole(bytes: Buffer, from: number): number {
  for (let at = from; bytes.length - at >= ENTRY_HEAD_BYTES; at += 1) {
    if (bytes.readUInt32BE(at) > MAX_ENTRY_BYTES || bytes.readUInt32BE(at + 12) > MAX_FRAMES) continue;
    if (entryAt(bytes, at)?.holds === true) return at;
  }
  return bytes.length;
}

/** @returns null when the bytes end before it does */
function entryAt(bytes: Buffer, at: number) {
  if (bytes.length - at < ENTRY_HEAD_BYTES) return null;
  const length = bytes.readUInt32BE(at);
  const offset = at + ENTRY_HEAD_BYTES;
  if (offset + length > bytes.length) return null;
  const holds = checksumOf(bytes, at + 8, length + 8) === bytes.readUInt32BE(at + 4);
  return { holds, chunk: bytes.readUInt32BE(at + 8), index: bytes.readUInt32BE(at + 12), offset, length };
}

/** CRC-32 of so many bytes from the offset on; node's own costs five times as much. */
const checksumOf =
  framesAddon?.crc32 ??
  ((memory: Buffer, offset: number, bytes: number) => crc32(memory.subarray(offset, offset + bytes)));

const padded = (value: number) => String(value).padStart(8, '0');

async function deleteSegment(segment: Segment): Promise<void> {
  try {
    await unlink(segment.path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
