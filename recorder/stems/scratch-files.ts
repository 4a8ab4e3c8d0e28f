import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { ObjectStore } from '../store/index.ts';
import type { RecordingIdentity } from './ledger.ts';
import { SealedFileWriter } from './sealed-file.ts';

export interface MadeFile<Format extends string> {
  format: Format;
  objectKey: string;
  /** Of the file as it is downloaded. */
  bytes: number;
}

/** The files of one rendering, from scratch to store. Only ciphertext touches the disk, and only whole files the store. */
export class ScratchFiles<Format extends string> {
  readonly renderId = randomUUID();
  readonly #options: ScratchOptions<Format>;
  readonly #writers = new Map<Format, SealedFileWriter>();

  constructor(options: ScratchOptions<Format>) {
    this.#options = options;
  }

  async open(format: Format): Promise<SealedFileWriter> {
    const { scratch, sessionKey, recording, ownerId } = this.#options;
    const path = join(scratch, `${this.renderId}.${format}`);
    const writer = await SealedFileWriter.create(path, sessionKey, {
      purpose: 'stem',
      organizationId: recording.organizationId,
      sessionId: recording.sessionId,
      keyId: recording.recordingId,
      trackId: ownerId,
      epoch: 0,
      sequence: 0,
      startUs: 0,
      previousHash: new Uint8Array(32),
    });
    this.#writers.set(format, writer);
    return writer;
  }

  async store(formats: readonly Format[]): Promise<MadeFile<Format>[]> {
    const { store, keyOf, open } = this.#options;
    const stored: MadeFile<Format>[] = [];
    try {
      for (const format of formats) {
        const writer = this.#writers.get(format);
        if (writer === undefined) throw new Error(`${format} was rendered without being opened`);
        const { path, bytes, sha256, plaintextBytes } = await writer.close();
        const objectKey = keyOf(this.renderId, format);
        await store.put(objectKey, { path, bytes }, sha256);
        stored.push({ format, objectKey, bytes: plaintextBytes });
      }
      // An erasure destroys the key first, and then deletes what is there: what came after that would stay.
      await open();
      return stored;
    } catch (error) {
      // Nobody knows yet of what is there; on a full disk it would be in the next attempt's way.
      for (const { objectKey } of stored) await store.delete(objectKey).catch(() => undefined);
      throw error;
    }
  }

  /** Removes what earlier renderings left under a prefix, a killed one included. */
  async removeOthers(prefix: string, current: readonly MadeFile<Format>[]): Promise<void> {
    const { store } = this.#options;
    const kept = new Set(current.map(({ objectKey }) => objectKey));
    for await (const { key } of store.list(prefix)) if (!kept.has(key)) await store.delete(key);
  }

  async discard(): Promise<void> {
    for (const writer of this.#writers.values()) await writer.discard();
  }
}

interface ScratchOptions<Format extends string> {
  /** A directory for ciphertext that is not yet in the store. */
  scratch: string;
  store: ObjectStore;
  /** Throws `erased` when nobody can read the recording any more. */
  open(): Promise<unknown>;
  recording: RecordingIdentity;
  sessionKey: Uint8Array;
  /** The stem or the render that the files are of. */
  ownerId: string;
  keyOf(renderId: string, format: Format): string;
}
