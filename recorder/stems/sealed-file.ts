import { createHash } from 'node:crypto';
import { type FileHandle, open, rm } from 'node:fs/promises';
import {
  createSealer,
  FRAME_OVERHEAD_BYTES,
  HEAD_BYTES,
  MAX_FRAME_BYTES,
  type SealedHeader,
  type Sealer,
} from '../format/index.ts';
import { letGo } from '../let-go.ts';
import type { ByteSink } from './sink.ts';

/** A finished file: ciphertext on disk. */
interface SealedFile {
  path: string;
  /** Of the sealed file */
  bytes: number;
  sha256: string;
  plaintextBytes: number;
}

const FRAME_BYTES = MAX_FRAME_BYTES + FRAME_OVERHEAD_BYTES;

/**
 * A file of which only ciphertext touches the disk. Every frame but the last is full, so that a byte range of the
 * plaintext maps to frames. The first frame stays in memory until `close`, so that headers in it can be patched.
 */
export class SealedFileWriter implements ByteSink {
  readonly #path: string;
  readonly #file: FileHandle;
  /** Seals the first frame, last. */
  readonly #front: Sealer;
  /** Seals all the others, as they fill up. */
  readonly #rest: Sealer;
  readonly #frame = Buffer.alloc(MAX_FRAME_BYTES);
  #first: Buffer | null = null;
  #filled = 0;
  #position = 0;
  #offset = HEAD_BYTES;

  private constructor(
    path: string,
    file: FileHandle,
    sessionKey: Uint8Array,
    header: Omit<SealedHeader, 'salt'>,
  ) {
    this.#path = path;
    this.#file = file;
    this.#front = createSealer(sessionKey, header);
    // The same object, so the same salt. A sealer counts its frames; what it makes of this stand-in for the first one
    // never leaves this line, so no nonce is seen twice.
    this.#rest = createSealer(sessionKey, header, this.#front.header.salt);
    this.#rest.seal(Buffer.alloc(0), false);
  }

  static async create(
    path: string,
    sessionKey: Uint8Array,
    header: Omit<SealedHeader, 'salt'>,
  ): Promise<SealedFileWriter> {
    return new SealedFileWriter(path, await open(path, 'wx', 0o600), sessionKey, header);
  }

  get position(): number {
    return this.#position;
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#position += bytes.length;
    let rest = bytes;
    while (rest.length > 0) {
      // A full frame is only sealed when more follows: the last one must carry the final flag.
      if (this.#filled === MAX_FRAME_BYTES) await this.#endFrame();
      const part = rest.subarray(0, MAX_FRAME_BYTES - this.#filled);
      this.#frame.set(part, this.#filled);
      this.#filled += part.length;
      rest = rest.subarray(part.length);
    }
  }

  patch(offset: number, bytes: Uint8Array): void {
    const target = this.#first ?? this.#frame.subarray(0, this.#filled);
    if (offset + bytes.length > target.length) throw new RangeError('only the first frame can be patched');
    target.set(bytes, offset);
  }

  async close(): Promise<SealedFile> {
    const last = this.#frame.subarray(0, this.#filled);
    if (this.#first !== null) await this.#store(this.#rest.seal(last, true));
    const front = this.#front.seal(this.#first ?? last, this.#first === null);
    const head = Buffer.concat([this.#front.head, front]);
    await this.#writeAt(0, head);
    await this.#file.close();
    const bytes = Math.max(this.#offset, head.length);
    return { path: this.#path, bytes, sha256: await hashOf(this.#path), plaintextBytes: this.#position };
  }

  /** Removes what was written. Safe after `close`, and more than once. */
  async discard(): Promise<void> {
    await this.#file.close();
    await rm(this.#path, { force: true });
  }

  async #endFrame(): Promise<void> {
    if (this.#first === null) {
      this.#first = Buffer.from(this.#frame);
      this.#offset += FRAME_BYTES;
    } else {
      await this.#store(this.#rest.seal(this.#frame, false));
    }
    this.#filled = 0;
  }

  async #store(frame: Buffer): Promise<void> {
    await this.#writeAt(this.#offset, frame);
    this.#offset += frame.length;
    letGo(frame.length);
  }

  /** The last bytes that a disk has room for are written without a word; only the next ones are refused. */
  async #writeAt(offset: number, bytes: Buffer): Promise<void> {
    for (let done = 0; done < bytes.length; ) {
      const { bytesWritten } = await this.#file.write(bytes, done, bytes.length - done, offset + done);
      done += bytesWritten;
    }
  }
}

const HASH_BYTES = 1 << 20;

/** Into one buffer: as a stream, a large file would leave a new one behind for every part of it. */
async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(HASH_BYTES);
  const file = await open(path, 'r');
  try {
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, buffer.length);
      if (bytesRead === 0) return hash.digest('hex');
      hash.update(buffer.subarray(0, bytesRead));
    }
  } finally {
    await file.close();
  }
}
