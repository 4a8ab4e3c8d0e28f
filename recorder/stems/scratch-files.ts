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
    const stored: MadeFile<Format>[] = [];
    for (const format of formats) {
      const writer = this.#writers.get(format);
      if (writer === undefined) throw new Error(`${format} was rendered without being opened`);
      const { path, bytes, sha256, plaintextBytes } = await writer.close();
      const objectKey = this.#options.keyOf(this.renderId, format);
      try {
        await this.#options.store.put(objectKey, { path, bytes }, sha256);
      } catch (error) {
        // Nobody knows yet of those before it; on a full disk they would be in the next attempt's way.
        for (const { objectKey: orphan } of stored)
          await this.#options.store.delete(orphan).catch(() => undefined);
        throw error;
      }
      stored.push({ format, objectKey, bytes: plaintextBytes });
    }
    return stored;
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
  recording: RecordingIdentity;
  sessionKey: Uint8Array;
  /** The stem or the render that the files are of. */
  ownerId: string;
  keyOf(renderId: string, format: Format): string;
}
