import type { Readable } from 'node:stream';
import { AppError } from '@cratersync/signaling/protocol';

/** What is stored: bytes in memory, or a file of exactly so many bytes. */
export type Body = Uint8Array | { path: string; bytes: number };

/**
 * Where sealed objects lie. Keys are ours: lower-case words of [a-z0-9._-] with slashes between them. Every method may
 * throw StoreUnavailable, and then may be called again.
 */
export interface ObjectStore {
  /**
   * Creates an object; what is stored is never replaced. Resolves once the bytes are as durable as the store makes
   * them. `already-there`: the same bytes are, so a repetition is harmless.
   * @param body a file is held against its hash while it is read; memory is taken at its word
   * @param sha256Hex of the body
   * @throws StoreConflict when other bytes are there, BodyDamaged when the file does not have that hash
   */
  put(key: string, body: Body, sha256Hex: string): Promise<'stored' | 'already-there'>;
  /**
   * @param range in bytes, `end` included; what lies behind the object's end is left out
   * @throws ObjectMissing
   */
  get(key: string, range?: ByteRange): Promise<Readable>;
  head(key: string): Promise<{ bytes: number } | null>;
  /** All objects whose key starts with the prefix, sorted by key. */
  list(prefix: string): AsyncIterable<ListedObject>;
  /**
   * The keys with that prefix of which anything is left, sorted: in a versioned bucket also those of which only an older
   * version is, or a mark that says they were deleted. Where nothing is here, `delete` has done what it says.
   */
  traces(prefix: string): AsyncIterable<string>;
  /** Nothing there is as good as deleted. In a versioned bucket all versions go: what is erased must be gone. */
  delete(key: string): Promise<void>;
  /** Writes, reads back and removes a probe. */
  check(): Promise<void>;
  close(): Promise<void>;
}

export interface ByteRange {
  start: number;
  end: number;
}

export interface ListedObject {
  key: string;
  bytes: number;
}

/**
 * The store can't be reached, is full, or refuses us; once that is mended, the same call works. Its message is for
 * people who run it, and says what to do.
 */
export class StoreUnavailable extends AppError {
  constructor(reason: string, cause?: unknown) {
    super(503, { code: 'store_unavailable', message: reason, retryable: true, blame: 'upstream' }, cause);
    this.name = 'StoreUnavailable';
  }
}

/** Other bytes are stored under that key. */
export class StoreConflict extends Error {
  constructor(key: string) {
    super(`Other bytes are stored as ${key} already.`);
    this.name = 'StoreConflict';
  }
}

export class ObjectMissing extends Error {
  readonly key: string;

  constructor(key: string) {
    super(`There is no ${key} in the store.`);
    this.name = 'ObjectMissing';
    this.key = key;
  }
}

/** What was to be stored is not what its hash says; nothing was stored. */
export class BodyDamaged extends Error {
  constructor(key: string) {
    super(`What was to be stored as ${key} does not match its checksum.`);
    this.name = 'BodyDamaged';
  }
}
