import { type Clock, type Log, retry } from '@cratersync/infra/runtime';
import type { RecordingId } from '@cratersync/signaling/protocol';
import { objectKeys } from '../format/index.ts';
import { BodyDamaged, type ObjectStore, StoreConflict } from '../store/index.ts';
import type { SealedChunk } from './chunk-writer.ts';
import { EntryLost, readEntries } from './read-entries.ts';

/** Chunks in memory at once: at most 8 MiB each. */
const CONCURRENT = 4;
/** The room is told when the store has kept a chunk waiting for so long. */
const STALLED_US = 5_000_000;
const MAX_WAIT_MS = 2_000;

export interface UploaderOptions {
  store: ObjectStore;
  clock: Clock;
  log: Log;
  onStored(chunk: SealedChunk): void;
  /** How long the store took for it, the attempts that failed left out. */
  onUploaded?: (ms: number) => void;
  /** It never will be: the disk gave back other bytes than it was given, or another's chunk has its name. */
  onLost(chunk: SealedChunk): void;
  /** The store has kept a chunk of this recording waiting for 5 s. Told once, until no chunk waits for so long. */
  onStalled(recordingId: RecordingId): void;
}

/**
 * Brings sealed chunks to the store, oldest first, a few at a time, and tries for ever: until the store has
 * acknowledged a chunk with its checksum, it stays in the log.
 */
export class Uploader {
  readonly #options: UploaderOptions;
  readonly #waiting: Waiting[] = [];
  readonly #running = new Map<Waiting, Promise<void>>();
  /** What chunks were read into that are stored now, for the next ones. */
  readonly #spare: Buffer[] = [];
  readonly #stop = new AbortController();
  readonly #unstored = new Map<RecordingId, number>();
  readonly #drained = new Map<RecordingId, (() => void)[]>();
  #stalled = new Set<RecordingId>();

  constructor(options: UploaderOptions) {
    this.#options = options;
  }

  /** @param chunk is durable in the log; without entries, the log has let it go already, and the store should have it */
  add(chunk: SealedChunk): void {
    this.#unstored.set(chunk.recordingId, (this.#unstored.get(chunk.recordingId) ?? 0) + 1);
    this.#waiting.push({ chunk, sinceUs: this.#options.clock.nowUs() });
    this.#fill();
  }

  /** Resolves when nothing of the recording waits any more. */
  async drained(recordingId: RecordingId): Promise<void> {
    if (!this.#unstored.has(recordingId)) return;
    await new Promise<void>(resolve => {
      this.#drained.set(recordingId, [...(this.#drained.get(recordingId) ?? []), resolve]);
    });
  }

  /** The store has kept this recording waiting for 5 s, and still does. */
  isStalled(recordingId: RecordingId): boolean {
    return this.#stalled.has(recordingId);
  }

  /** What is sealed and not stored. */
  get backlog(): { chunks: number; bytes: number } {
    const waiting = [...this.#running.keys(), ...this.#waiting];
    return { chunks: waiting.length, bytes: waiting.reduce((sum, { chunk }) => sum + chunk.bytes, 0) };
  }

  /** Recordings that the store has kept waiting for 5 s. */
  get stalledCount(): number {
    return this.#stalled.size;
  }

  /** Notices a store that is away, also one that just does not answer. */
  tick(nowUs: number): void {
    const stalled = new Set<RecordingId>();
    for (const waits of [this.#running.keys(), this.#waiting])
      for (const { chunk, sinceUs } of waits)
        if (nowUs - sinceUs >= STALLED_US) stalled.add(chunk.recordingId);
    const before = this.#stalled;
    this.#stalled = stalled;
    for (const recordingId of stalled) if (!before.has(recordingId)) this.#options.onStalled(recordingId);
  }

  /** Gives up what waits; it stays in the log for the next start. */
  async close(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#running.values());
  }

  #fill(): void {
    while (this.#running.size < CONCURRENT && !this.#stop.signal.aborted) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      const done = this.#upload(next.chunk).finally(() => {
        this.#running.delete(next);
        this.#fill();
      });
      this.#running.set(next, done);
    }
  }

  async #upload(chunk: SealedChunk): Promise<void> {
    const { log, onStored, onLost } = this.#options;
    const { recordingId, trackId, epoch, sequence } = chunk;
    const key = objectKeys.chunk(recordingId, trackId, epoch, sequence);
    const { signal } = this.#stop;
    try {
      await retry(() => this.#store(key, chunk), {
        signal,
        maxMs: MAX_WAIT_MS,
        retryable: error => !isFinal(error),
        onRetry: error => log.warn({ err: error, key }, 'a chunk could not be stored; trying again'),
      });
    } catch (error) {
      if (signal.aborted) return;
      if (!isFinal(error)) throw error;
      log.error({ err: error, key }, 'a chunk can never be stored');
      onLost(chunk);
      this.#countDown(recordingId);
      return;
    }
    onStored(chunk);
    this.#countDown(recordingId);
  }

  async #store(key: string, { entries, bytes, sha256 }: SealedChunk): Promise<void> {
    const { store } = this.#options;
    if (entries.length === 0) {
      if ((await store.head(key))?.bytes === bytes) return;
      throw new EntryLost(`${key} is neither in the log nor stored`);
    }
    const memory = this.#memoryFor(bytes);
    const body = await readEntries(entries, memory);
    const startMs = performance.now();
    await store.put(key, body, sha256);
    this.#options.onUploaded?.(performance.now() - startMs);
    // After a failure it is left alone: a request that was given up may still be reading it.
    this.#spare.push(memory);
  }

  /** Chunks are all alike, so what one was read into mostly has room for the next; V8 collects less for it. */
  #memoryFor(bytes: number): Buffer {
    const index = this.#spare.findIndex(memory => memory.length >= bytes);
    if (index >= 0) return this.#spare.splice(index, 1)[0] ?? Buffer.alloc(0);
    this.#spare.pop();
    return Buffer.allocUnsafeSlow(2 ** Math.ceil(Math.log2(bytes)));
  }

  #countDown(recordingId: RecordingId): void {
    const left = (this.#unstored.get(recordingId) ?? 1) - 1;
    if (left > 0) {
      this.#unstored.set(recordingId, left);
      return;
    }
    this.#unstored.delete(recordingId);
    for (const resolve of this.#drained.get(recordingId) ?? []) resolve();
    this.#drained.delete(recordingId);
  }
}

interface Waiting {
  chunk: SealedChunk;
  sinceUs: number;
}

const isFinal = (error: unknown) =>
  error instanceof BodyDamaged || error instanceof StoreConflict || error instanceof EntryLost;
