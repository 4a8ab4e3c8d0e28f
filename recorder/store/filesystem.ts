import { open, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { bytesOf, checkedParts, explained, sha256Of } from './body.ts';
import {
  isMissing,
  isSystemError,
  makeDirectory,
  statIfPresent,
  sweep,
  syncDirectory,
  syncParents,
  temporaryName,
  unlinkIfPresent,
} from './durable-files.ts';
import {
  type Body,
  type ByteRange,
  type ListedObject,
  ObjectMissing,
  type ObjectStore,
  StoreConflict,
  StoreUnavailable,
} from './object-store.ts';
import { probe } from './probe.ts';
import { publishFile } from './publish-file.ts';

/** Words can't begin with a dot: no key climbs out of the root, and none meets our temporary files. */
const KEY = /^[a-z0-9][a-z0-9._-]*(\/[a-z0-9][a-z0-9._-]*)*$/;
const INCOMING = '.incoming';
const WRITE_BYTES = 2 ** 20;
/** Of a part of an object that is larger: fewer reads cost less. */
const READ_BYTES = 2 ** 18;

/**
 * Objects as files below one directory. A file appears under its name only when it is whole and on disk: it is written
 * as a temporary file, synced, and linked to its name, which fails if that exists; then the directory is synced.
 */
export class FilesystemStore implements ObjectStore {
  readonly #root: string;
  /** Directories whose own entry this process knows to be on disk. */
  readonly #durable = new Set<string>();

  private constructor(root: string) {
    this.#root = root;
  }

  /** Makes the directory if need be, and removes what earlier processes left half-written. */
  static async open(root: string): Promise<FilesystemStore> {
    const store = new FilesystemStore(root);
    await store.#explained(async () => {
      const incoming = join(root, INCOMING);
      await makeDirectory(incoming);
      await syncParents(incoming, dirname(root));
      await sweep(incoming, () => true);
    });
    return store;
  }

  async put(key: string, body: Body, sha256Hex: string): Promise<'stored' | 'already-there'> {
    const path = this.#path(key);
    const temporary = join(this.#root, INCOMING, temporaryName());
    return this.#explained(async () => {
      await this.#makeDirectory(dirname(path));
      const whole =
        body instanceof Uint8Array
          ? body
          : checkedParts(key, body, sha256Hex, WRITE_BYTES, Buffer.allocUnsafe(WRITE_BYTES));
      const created = await publishFile(temporary, path, whole).catch((error: unknown) => {
        // Somebody removed it: the next attempt makes it again.
        if (isMissing(error)) this.#durable.delete(dirname(path));
        throw error;
      });
      if (!created && !(await holds(path, bytesOf(body), sha256Hex))) throw new StoreConflict(key);
      return created ? 'stored' : 'already-there';
    });
  }

  async get(key: string, range?: ByteRange): Promise<Readable> {
    const path = this.#path(key);
    return this.#explained(async () => {
      try {
        const file = await open(path);
        const wanted = range === undefined ? {} : { ...range, highWaterMark: READ_BYTES };
        return explained(file.createReadStream(wanted), error => this.#explain(error));
      } catch (error) {
        if (isMissing(error)) throw new ObjectMissing(key);
        throw error;
      }
    });
  }

  async head(key: string): Promise<{ bytes: number } | null> {
    const path = this.#path(key);
    return this.#explained(async () => {
      const found = await statIfPresent(path);
      return found === null ? null : { bytes: found.size };
    });
  }

  async *list(prefix: string): AsyncGenerator<ListedObject> {
    const directory = prefix.slice(0, prefix.lastIndexOf('/') + 1);
    for await (const key of this.#walk(directory)) {
      const found = key.startsWith(prefix) ? await this.head(key) : null;
      if (found !== null) yield { key, bytes: found.bytes };
    }
  }

  async *traces(prefix: string): AsyncGenerator<string> {
    for await (const { key } of this.list(prefix)) yield key;
  }

  async delete(key: string): Promise<void> {
    const path = this.#path(key);
    await this.#explained(async () => {
      if (await unlinkIfPresent(path)) await syncDirectory(dirname(path));
    });
  }

  check(): Promise<void> {
    return probe(this);
  }

  async close(): Promise<void> {}

  #path(key: string): string {
    if (!KEY.test(key)) throw new RangeError(`not a key of this store: ${key}`);
    return join(this.#root, ...key.split('/'));
  }

  /** Keys below a directory, which is '' or ends with a slash, in the order of their bytes. */
  async *#walk(directory: string): AsyncGenerator<string> {
    const path = join(this.#root, ...directory.split('/'));
    const entries = await this.#explained(async () => {
      try {
        return await readdir(path, { withFileTypes: true });
      } catch (error) {
        if (isMissing(error)) return [];
        throw error;
      }
    });
    const names = entries.map(entry => (entry.isDirectory() ? `${entry.name}/` : entry.name));
    for (const name of names.sort()) {
      if (name.startsWith('.')) continue;
      if (name.endsWith('/')) yield* this.#walk(`${directory}${name}`);
      else yield `${directory}${name}`;
    }
  }

  /** Makes a directory and its parents, each entry durable. */
  async #makeDirectory(path: string): Promise<void> {
    if (this.#durable.has(path)) return;
    await makeDirectory(path);
    await syncParents(path, this.#root);
    this.#durable.add(path);
  }

  /** Tells what the file system refuses as a sentence about the store. */
  async #explained<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw this.#explain(error);
    }
  }

  #explain(error: unknown): unknown {
    if (!isSystemError(error)) return error;
    const where = `the object store in ${this.#root}`;
    switch (error.code) {
      case 'ENOSPC':
      case 'EDQUOT':
        return new StoreUnavailable(`The disk with ${where} is full. Make room on it.`, error);
      case 'EACCES':
      case 'EPERM':
      case 'EROFS':
        return new StoreUnavailable(`This process may not write to ${where} (${error.code}).`, error);
      default:
        return new StoreUnavailable(`The file system under ${where} failed: ${error.message}.`, error);
    }
  }
}

async function holds(path: string, bytes: number, sha256Hex: string): Promise<boolean> {
  await using file = await open(path);
  if ((await file.stat()).size !== bytes) return false;
  return (await sha256Of(file.createReadStream({ autoClose: false }))) === sha256Hex;
}
