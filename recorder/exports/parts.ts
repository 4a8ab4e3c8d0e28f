import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import type { Sealer } from '@cratersync/infra/runtime';
import type { ObjectStore } from '../store/index.ts';
import { AGE_CHUNK_BYTES, SEALED_CHUNK_BYTES, sealChunk } from './age.ts';

/** Of a part; only the last one has fewer. It is what is in memory, and what a killed worker does again. */
const PART_CHUNKS = 240;
export const PART_BYTES: number = PART_CHUNKS * SEALED_CHUNK_BYTES;
const PLAINTEXT_BYTES = PART_CHUNKS * AGE_CHUNK_BYTES;

const eightDigits = (value: number) => String(value).padStart(8, '0');

/** Where an export lies. What a worker wrote whose turn was over lies beside what counts, and is deleted with it. */
export const exportKeys = {
  prefix: (exportId: string) => `exports/${exportId}/`,
  part: (exportId: string, part: number, turn: number) =>
    `exports/${exportId}/parts/${eightDigits(part)}-${eightDigits(turn)}`,
  plan: (exportId: string, turn: number) => `exports/${exportId}/plan-${eightDigits(turn)}`,
  note: (exportId: string, part: number, turn: number) =>
    `exports/${exportId}/notes/${eightDigits(part)}-${eightDigits(turn)}`,
};

/** @param beganAt for every turn, how many parts there were when it began @returns whose turn a part was written in, from 1 */
export const turnOf = (beganAt: readonly number[], part: number): number =>
  beganAt.findLastIndex(began => began <= part) + 1;

export interface PartsOptions {
  store: Pick<ObjectStore, 'put' | 'get'>;
  /** Of the payload. */
  key: Buffer;
  /** Of notes. */
  sealer: Sealer;
  exportId: string;
  turn: number;
}

/**
 * Encrypts plaintext in parts, each an object of the store. With each lies a note, sealed: what whoever goes on behind that
 * part has to know.
 */
export class Parts {
  readonly #options: PartsOptions;
  readonly #plaintext = Buffer.alloc(PLAINTEXT_BYTES);
  readonly #sealed = Buffer.alloc(PART_BYTES);
  #filled = 0;
  /** What did not fit into this part. */
  #rest = Buffer.alloc(0);
  #count: number;

  /** @param count of parts that are there already @param rest of the note behind the last of them */
  constructor(options: PartsOptions, count: number, rest: Buffer) {
    this.#options = options;
    this.#count = count;
    this.add(rest);
  }

  get count(): number {
    return this.#count;
  }

  get isFull(): boolean {
    return this.#filled === PLAINTEXT_BYTES;
  }

  /** What a note has to keep. */
  get rest(): Buffer {
    return this.#rest;
  }

  /** @param bytes no more than fit into a part, and only while it is not full */
  add(bytes: Buffer): void {
    const fitting = bytes.subarray(0, PLAINTEXT_BYTES - this.#filled);
    fitting.copy(this.#plaintext, this.#filled);
    this.#filled += fitting.length;
    this.#rest = Buffer.from(bytes.subarray(fitting.length));
  }

  /**
   * Stores the part that is full, or is the last one. It is sealed before this returns: the next part may be filled while it is
   * being stored, but not stored itself. @returns its bytes
   */
  async store(note: object, isLast: boolean): Promise<number> {
    const { store, exportId, turn } = this.#options;
    const part = this.#count;
    const [bytes, sealedNote] = [this.#seal(isLast), this.#sealNote(note)];
    this.#count += 1;
    this.#filled = 0;
    this.add(this.#rest);
    await put(store, exportKeys.part(exportId, part, turn), bytes);
    await put(store, exportKeys.note(exportId, part, turn), sealedNote);
    return bytes.length;
  }

  #seal(isLast: boolean): Buffer {
    let bytes = 0;
    const chunks = Math.ceil(this.#filled / AGE_CHUNK_BYTES);
    for (let chunk = 0; chunk < chunks; chunk += 1) {
      const start = chunk * AGE_CHUNK_BYTES;
      const plaintext = this.#plaintext.subarray(start, Math.min(this.#filled, start + AGE_CHUNK_BYTES));
      const index = this.#count * PART_CHUNKS + chunk;
      for (const piece of sealChunk(this.#options.key, index, plaintext, isLast && chunk === chunks - 1))
        bytes += piece.copy(this.#sealed, bytes);
    }
    return this.#sealed.subarray(0, bytes);
  }

  #sealNote(note: object): Buffer {
    const { sealer, exportId } = this.#options;
    return sealer.seal(Buffer.from(JSON.stringify(note)), noteOf(exportId, this.#count));
  }
}

const noteOf = (exportId: string, part: number) => `export-note ${exportId} ${part}`;

/** The note behind a part. @throws UnsealError, ObjectMissing, StoreUnavailable */
export async function readNote(
  { store, sealer, exportId }: Pick<PartsOptions, 'store' | 'sealer' | 'exportId'>,
  part: number,
  turn: number,
): Promise<unknown> {
  const sealed = await buffer(await store.get(exportKeys.note(exportId, part, turn)));
  return JSON.parse(sealer.open(sealed, noteOf(exportId, part)).toString());
}

const put = (store: Pick<ObjectStore, 'put'>, key: string, bytes: Buffer) =>
  store.put(key, bytes, createHash('sha256').update(bytes).digest('hex'));
