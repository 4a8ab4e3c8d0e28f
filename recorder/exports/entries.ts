import { createHash } from 'node:crypto';
import {
  AppError,
  type OrganizationId,
  type RecordingId,
  type SessionId,
} from '@cratersync/signaling/protocol';
import tar from 'tar-stream';
import { FormatError } from '../format/index.ts';
import type { Keys } from '../keys/index.ts';
import { letGo } from '../let-go.ts';
import { readSealed } from '../stems/index.ts';
import { ObjectMissing, type ObjectStore } from '../store/index.ts';

/** Whose recording a file is of. */
export interface FileOrigin {
  organizationId: OrganizationId;
  sessionId: SessionId;
  recordingId: RecordingId;
}

/** A file that is to be written. It can be read anew, the same, by another worker. */
export interface PlannedFile {
  path: string;
  bytes: number;
  origin?: FileOrigin;
  from: { text: string } | { object: string } | { sealed: string };
}

/** A file that was written. */
export interface WrittenFile {
  path: string;
  bytes: number;
  /** Of what stands in the archive. */
  sha256: string;
  recordingId?: RecordingId;
  /** Why what stands there is not what it should be: it could not be read to its end. */
  void?: string;
}

export interface Sources {
  store: Pick<ObjectStore, 'get'>;
  keys: Pick<Keys, 'sessionKey'>;
}

const BLOCK_BYTES = 512;
const HOLE = Buffer.alloc(65_536);
/** Two empty blocks end an archive. */
export const TAR_END: Buffer = Buffer.alloc(2 * BLOCK_BYTES);

/** The 512 bytes before a file. @throws RangeError when they are not enough for its name: ours are */
async function tarHead(path: string, bytes: number, mtime: Date): Promise<Buffer> {
  const pack = tar.pack();
  // What it does not get of the file is of no interest.
  pack.entry({ name: path, size: bytes, mode: 0o600, mtime, type: 'file' }).on('error', () => {});
  for await (const head of pack as AsyncIterable<Buffer>) {
    if (head.length !== BLOCK_BYTES || !head.includes(Buffer.from('ustar'))) break;
    return Buffer.from(head);
  }
  throw new RangeError(`no name for a file in an archive: ${path}`);
}

/**
 * A file as it stands in a tar archive: head, content, filling. What can no longer be read, because it was erased or
 * damaged, is zeros up to the size that was said, and the file is void.
 */
export async function* tarEntry(
  file: PlannedFile,
  content: AsyncIterable<Buffer>,
  mtime: Date,
): AsyncGenerator<Buffer, WrittenFile> {
  yield await tarHead(file.path, file.bytes, mtime);
  const hash = createHash('sha256');
  let left = file.bytes;
  const fault = yield* (async function* () {
    try {
      for await (const part of content) {
        if (part.length > left) return 'it is longer than was said';
        hash.update(part);
        left -= part.length;
        yield part;
      }
      return left > 0 ? 'it is shorter than was said' : null;
    } catch (error) {
      const reason = goneFor(error);
      if (reason === null) throw error;
      return reason;
    }
  })();
  while (left > 0) {
    const hole = HOLE.subarray(0, left);
    hash.update(hole);
    left -= hole.length;
    yield hole;
  }
  const over = file.bytes % BLOCK_BYTES;
  if (over > 0) yield TAR_END.subarray(0, BLOCK_BYTES - over);
  const { path, bytes, origin } = file;
  return {
    ...{ path, bytes, sha256: hash.digest('hex') },
    ...(origin !== undefined && { recordingId: origin.recordingId }),
    ...(fault !== null && { void: fault }),
  };
}

/** Why something will not be there at the next attempt either; null when it may be. */
export function goneFor(error: unknown): string | null {
  if (error instanceof ObjectMissing) return 'it is missing from the store';
  if (error instanceof FormatError) return `it is damaged: ${error.message}`;
  if (error instanceof AppError && error.code === 'erased') return 'the recording was erased';
  return null;
}

export async function* contentOf(file: PlannedFile, { store, keys }: Sources): AsyncGenerator<Buffer> {
  const { from, bytes, origin } = file;
  if ('text' in from) yield Buffer.from(from.text);
  else if ('object' in from) {
    for await (const part of (await store.get(from.object)) as AsyncIterable<Buffer>) {
      yield part;
      letGo(part.length);
    }
  } else if (origin === undefined) throw new TypeError(`${file.path} is sealed, but of no recording`);
  else if (bytes > 0) {
    const sessionKey = await keys.sessionKey(origin, origin.recordingId);
    yield* readSealed(store, from.sealed, sessionKey, 0, bytes - 1);
  }
}
