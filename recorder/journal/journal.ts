import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, type Log, retry } from '@cratersync/infra/runtime';
import type { MediaKind, RecordingId, TrackId } from '@cratersync/signaling/protocol';
import { readHead } from '../format/index.ts';
import { syncDirectory } from '../store/durable-files.ts';
import type { ObjectStore } from '../store/index.ts';
import { Catalogue } from './catalogue.ts';
import type { CatalogueEntry } from './catalogue-entries.ts';
import type { SealedChunk } from './chunk-writer.ts';
import { type FoundChunk, FrameLog, type LogEntry, type OpenFile, scanFrameLog } from './frame-log.ts';
import { isFull, keepReserve, spendReserve } from './reserve.ts';
import { Uploader } from './uploader.ts';

export type { OpenFile } from './frame-log.ts';

/** While the disk takes nothing, this much waits in memory. Video goes first: it is most of it, and heard less. */
const MAX_PENDING_BYTES: Record<MediaKind, number> = { audio: 256 << 20, video: 192 << 20 };

export interface JournalOptions {
  directory: string;
  store: ObjectStore;
  clock: Clock;
  log: Log;
  maxSegmentBytes?: number;
  maxPendingBytes?: Record<MediaKind, number>;
  openFile?: OpenFile;
  /** The store has kept a chunk of this recording waiting for 5 s. */
  onStoreStalled(recordingId: RecordingId): void;
  /** How long one write to the disk took, and one to the store. */
  onSynced?: (ms: number) => void;
  onUploaded?: (ms: number) => void;
  /** The store has acknowledged a chunk, or it never will. */
  onSettled?(chunk: SealedChunk): void;
}

/**
 * The recorder's write path: frames go to the media log, what is known of them to the catalogue, sealed chunks to the
 * store. One `commit` makes everything durable that came before it, in the order in which one rests on the other:
 * frames, then the rows that name them, then what those replace is let go.
 */
export class Journal {
  readonly catalogue: Catalogue;
  readonly frames: FrameLog;
  readonly uploader: Uploader;
  /** Counts this recorder's starts. */
  readonly epoch: number;
  /** What earlier epochs left in the log. */
  readonly found: FoundChunk[];
  readonly store: ObjectStore;
  readonly #log: Log;
  readonly #onSettled: (chunk: SealedChunk) => void;
  readonly #directory: string;
  readonly #maxPendingBytes: Record<MediaKind, number>;
  #hasReserve = false;
  /** Rows that speak of frames which are perhaps not durable yet, and the chunks they name; then chunks that are named, but perhaps not durably. */
  #resting: { row: CatalogueEntry; chunk: SealedChunk | null }[] = [];
  #named: SealedChunk[] = [];
  #released: LogEntry[] = [];
  #settled: LogEntry[] = [];
  #committing: Promise<void> = Promise.resolve();

  private constructor(
    options: JournalOptions,
    parts: { catalogue: Catalogue; epoch: number; found: FoundChunk[] },
  ) {
    const {
      maxSegmentBytes = 64 << 20,
      maxPendingBytes = MAX_PENDING_BYTES,
      openFile = open,
      onStoreStalled: onStalled,
      onSettled,
      onSynced,
      ...rest
    } = options;
    const directory = join(options.directory, 'frames');
    this.catalogue = parts.catalogue;
    this.epoch = parts.epoch;
    this.found = parts.found;
    this.frames = new FrameLog({ directory, epoch: parts.epoch, maxSegmentBytes, openFile, onSynced });
    this.uploader = new Uploader({
      ...rest,
      onStored: chunk => this.#settle('stored', chunk),
      onLost: chunk => this.#settle('damaged', chunk),
      onStalled,
    });
    this.store = options.store;
    this.#log = options.log;
    this.#onSettled = onSettled ?? (() => {});
    this.#directory = options.directory;
    this.#maxPendingBytes = maxPendingBytes;
  }

  static async open(options: JournalOptions): Promise<Journal> {
    const { directory, log } = options;
    await mkdir(directory, { recursive: true, mode: 0o700 });
    try {
      const journal = await Journal.#open(options);
      journal.#hasReserve = await keepReserve(directory);
      return journal;
    } catch (error) {
      if (!isFull(error) || !(await spendReserve(directory))) throw error;
      log.error({ err: error }, 'the disk of the recorder is full; starting on what was kept back for that');
      return Journal.#open(options);
    }
  }

  static async #open(options: JournalOptions): Promise<Journal> {
    const { directory, openFile = open } = options;
    const found = await scanFrameLog(join(directory, 'frames'));
    const catalogue = await Catalogue.open(join(directory, 'catalogue'), openFile);
    const epoch = await nextEpoch(directory, latestEpoch(catalogue, found));
    return new Journal(options, { catalogue, epoch, found });
  }

  /** False when so much waits for the disk that this kind of media must be dropped. */
  hasRoom(kind: MediaKind): boolean {
    return this.frames.pendingBytes < this.#maxPendingBytes[kind];
  }

  /** @param ledger the track's account at this chunk's end, sealed */
  sealed(chunk: SealedChunk, ledger: string): void {
    const { entries, ...row } = chunk;
    this.#resting.push({ row: { type: 'sealed', ...row, ledger }, chunk });
  }

  /** @param ledger the track's account now, sealed. It counts once the frames that it speaks of are durable */
  accounted(recordingId: RecordingId, trackId: TrackId, ledger: string): void {
    this.#resting.push({ row: { type: 'ledger', recordingId, trackId, ledger }, chunk: null });
  }

  /** Log entries that nothing needs any more once what has been appended so far is durable. */
  release(entries: readonly LogEntry[]): void {
    this.#released.push(...entries);
  }

  /** @throws the disk's error; everything is kept, and tried again by the next call */
  commit(): Promise<void> {
    const commit = this.#committing.then(() => this.#commit());
    this.#committing = commit.catch(() => {});
    return commit;
  }

  /** Resolves when everything appended so far is durable, however long that takes. */
  async durable(): Promise<void> {
    await retry(() => this.commit(), {
      maxMs: 1_000,
      onRetry: error => this.#log.warn({ err: error }, 'the journal could not be written; trying again'),
    });
  }

  /** What is not durable or not stored by now waits for the next start. */
  async close(): Promise<void> {
    await this.uploader.close();
    await this.commit().catch(error => this.#log.error({ err: error }, 'the journal could not be written'));
    await this.frames.close();
    await this.catalogue.close();
  }

  async #commit(): Promise<void> {
    const settled = this.#settled.splice(0);
    try {
      await this.#makeDurable();
    } finally {
      // Also when the disk refused to write that the store has it: this is what gives a full disk room again.
      await this.frames.release(settled);
    }
  }

  async #makeDurable(): Promise<void> {
    // Frames of a track that the catalogue does not know are worth nothing. If this fails, the commit below does too.
    if (this.catalogue.pendingNames) await this.catalogue.commit().catch(() => {});
    const resting = this.#resting.length;
    await this.frames.commit();
    for (const { row, chunk } of this.#resting.splice(0, resting)) {
      this.catalogue.append(row);
      if (chunk !== null) this.#named.push(chunk);
    }
    const named = this.#named.length;
    const released = this.#released.length;
    await this.catalogue.commit();
    for (const chunk of this.#named.splice(0, named)) this.uploader.add(chunk);
    // What was spent is put back once there is room again: every chunk is an occasion to look.
    if (!this.#hasReserve && named > 0) this.#hasReserve = await keepReserve(this.#directory);
    await this.frames.release(this.#released.splice(0, released));
  }

  #settle(type: 'stored' | 'damaged', chunk: SealedChunk): void {
    const { recordingId, trackId, epoch, sequence, entries } = chunk;
    this.catalogue.append({ type, recordingId, trackId, epoch, sequence });
    this.#settled.push(...entries);
    this.#onSettled(chunk);
  }
}

/** The highest epoch that left something here. */
function latestEpoch({ recordings }: Catalogue, found: readonly FoundChunk[]): number {
  let latest = 0;
  for (const { headBytes } of found) latest = Math.max(latest, readHead(headBytes).epoch);
  for (const { tracks } of recordings.values())
    for (const { chunks } of tracks.values())
      for (const { epoch } of chunks) latest = Math.max(latest, epoch);
  return latest;
}

/**
 * An epoch that was never used: two chunks of one epoch could have the same name. The file says which was the last;
 * should it be lost or damaged, `latest` does.
 */
async function nextEpoch(directory: string, latest: number): Promise<number> {
  const path = join(directory, 'epoch');
  const last = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  const epoch = Math.max(/^\d+\n$/.test(last) ? Number(last) : 0, latest) + 1;
  const file = await open(`${path}.new`, 'w', 0o600);
  try {
    await file.writeFile(`${epoch}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
  await syncDirectory(directory);
  return epoch;
}
