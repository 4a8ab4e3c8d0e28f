import { open } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { ENTRY_HEAD_BYTES, type LogEntry } from './frame-log.ts';
import { type FramesAddon, framesAddon } from './frames-addon.ts';

/** The disk does not have what was durable on it. */
export class EntryLost extends Error {
  constructor(reason: string, cause?: unknown) {
    super(reason, { cause });
    this.name = 'EntryLost';
  }
}

/**
 * @param memory what they are read into, if it has room
 * @param addon null: without it, with the same result
 * @returns the payloads of durable entries, one after another
 * @throws EntryLost when the file is gone, or an entry in it is not what was written; what else the disk says may pass
 */
export async function readEntries(
  entries: readonly LogEntry[],
  memory: Buffer = Buffer.alloc(0),
  addon: FramesAddon | null = framesAddon,
): Promise<Buffer> {
  const bytes = bytesIn(entries);
  const result = memory.length < bytes ? Buffer.allocUnsafe(bytes) : memory.subarray(0, bytes);
  let filled = 0;
  for (const { path, pieces } of runsOf(entries)) {
    const wanted = bytesIn(pieces);
    const reading =
      addon === null
        ? readPieces(path, pieces, result, filled)
        : addon.read(path, tableOf(pieces), result, filled);
    const bytesRead = await reading.catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') throw new EntryLost(`${path} is gone`, error);
      throw error.code === 'EBADMSG' ? new EntryLost(`${path} is damaged`, error) : error;
    });
    if (bytesRead < wanted) throw new EntryLost(`${path} ends within an entry`);
    filled += wanted;
  }
  return result;
}

interface Piece {
  offset: number;
  bytes: number;
}

const bytesIn = (pieces: readonly { bytes: number }[]) => pieces.reduce((sum, { bytes }) => sum + bytes, 0);

/** Their places, those in a row that one segment has together. */
function runsOf(entries: readonly LogEntry[]) {
  const runs: { path: string; pieces: Piece[] }[] = [];
  for (const { place, bytes } of entries) {
    if (place === null) throw new Error('an entry is read before it is durable');
    const { path } = place.segment;
    const piece = { offset: place.offset, bytes };
    const last = runs.at(-1);
    if (last?.path === path) last.pieces.push(piece);
    else runs.push({ path, pieces: [piece] });
  }
  return runs;
}

const tableOf = (pieces: readonly Piece[]) =>
  new Float64Array(pieces.flatMap(({ offset, bytes }) => [offset, bytes]));

async function readPieces(path: string, pieces: readonly Piece[], target: Buffer, start: number) {
  await using file = await open(path, 'r');
  const head = Buffer.alloc(ENTRY_HEAD_BYTES);
  let filled = start;
  for (const { offset, bytes } of pieces) {
    const payload = target.subarray(filled, filled + bytes);
    const { bytesRead } = await file.readv([head, payload], offset - ENTRY_HEAD_BYTES);
    if (bytesRead < ENTRY_HEAD_BYTES + bytes) break;
    if (head.readUInt32BE(0) !== bytes || head.readUInt32BE(4) !== crc32(payload, crc32(head.subarray(8))))
      throw new EntryLost(`${path} is damaged`);
    filled += bytes;
  }
  return filled - start;
}
