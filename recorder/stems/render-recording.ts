import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Log } from '@cratersync/infra/runtime';
import { AppError } from '@cratersync/signaling/protocol';
import { FormatError, objectKeys } from '../format/index.ts';
import { KeysUnavailable } from '../keys/keys.ts';
import type { RecordingReader } from '../reader.ts';
import { ObjectMissing, type ObjectStore, StoreUnavailable } from '../store/index.ts';
import { FfmpegError } from './ffmpeg.ts';
import type { RecordingIdentity, StemFileRow, StemLedger, StemRow } from './ledger.ts';
import { renderStem, type StemFormat } from './render-stem.ts';
import { SealedFileWriter } from './sealed-file.ts';
import { type SurveyedStem, survey } from './survey.ts';

export interface RenderContext {
  /** Throws what stands in the way of reading it; `erased` when its key is gone. */
  open(): Promise<RecordingReader>;
  store: ObjectStore;
  ledger: StemLedger;
  /** A directory for ciphertext that is not yet in the store. */
  scratch: string;
  /** How many stems are rendered at the same time. */
  parallel: number;
  log: Log;
  /** Aborted when the worker is told to stop. */
  signal: AbortSignal;
  /** The queue gives up after this attempt. */
  lastAttempt: boolean;
}

/**
 * Renders all stems of a recording that are not ready, each by itself: one that fails leaves the others alone.
 * @throws the first failure that another attempt may mend; the stems it concerns are then `waiting` again
 */
export async function renderRecording(context: RenderContext, recording: RecordingIdentity): Promise<void> {
  const pending = (await context.ledger.rows()).filter(row => row.state !== 'ready');
  if (pending.length === 0) return;
  const failures: unknown[] = [];
  const giveUp = async (row: StemRow, error: unknown) => {
    if (await concede(context, row, error)) failures.push(error);
  };
  try {
    const reader = await context.open();
    const surveyed = await survey(reader);
    const next = pending.values();
    const lane = async () => {
      for (const row of next) {
        const stem = surveyed.find(s => s.participantId === row.participantId && s.source === row.source);
        await renderRow(context, recording, reader, row, stem).catch(error => giveUp(row, error));
      }
    };
    await Promise.all(Array.from({ length: context.parallel }, lane));
  } catch (error) {
    for (const row of pending) await giveUp(row, error);
  }
  if (failures.length > 0) throw failures[0];
}

async function renderRow(
  context: RenderContext,
  recording: RecordingIdentity,
  reader: RecordingReader,
  row: StemRow,
  stem: SurveyedStem | undefined,
): Promise<void> {
  const { ledger, signal } = context;
  signal.throwIfAborted();
  await ledger.rendering(row.stemId);
  if (stem === undefined) return await ledger.failed(row.stemId, 'Nothing was ever sent.');
  const progress = progressReporter(context, row);
  const files = new StemFiles(context, recording, reader.sessionKey, row);
  try {
    const { formats, notes } = await renderStem(
      reader,
      stem,
      format => files.open(format),
      fraction => {
        signal.throwIfAborted();
        progress.report(fraction);
      },
    );
    const note = notes.length === 0 ? null : notes.join(' ');
    const stored = await files.store(formats);
    await progress.settled();
    if (formats.length === 0) return await ledger.failed(row.stemId, note ?? 'Nothing was ever sent.');
    const durationMs = Math.round(reader.manifest.durationUs / 1000);
    await ledger.ready(row.stemId, { durationMs, files: stored, note });
    await files.removeSuperseded(stored);
  } finally {
    await files.discard();
  }
}

const PROGRESS_STEP = 0.02;

/** Tells the database of every few percent, one update at a time; a failed one is made up for by the next. */
function progressReporter({ ledger, log }: RenderContext, { stemId }: StemRow) {
  let told = 0;
  let telling: Promise<void> = Promise.resolve();
  return {
    report(fraction: number) {
      if (fraction < told + PROGRESS_STEP) return;
      told = fraction;
      telling = telling
        .then(() => ledger.progress(stemId, fraction))
        .catch(error => log.warn({ err: error, stemId }, 'progress could not be stored'));
    },
    settled: () => telling,
  };
}

/** The files of one rendering of one stem, from scratch to store. */
class StemFiles {
  readonly #context: RenderContext;
  readonly #recording: RecordingIdentity;
  readonly #sessionKey: Uint8Array;
  readonly #stemId: StemRow['stemId'];
  readonly #renderId = randomUUID();
  readonly #writers = new Map<StemFormat, SealedFileWriter>();

  constructor(
    context: RenderContext,
    recording: RecordingIdentity,
    sessionKey: Uint8Array,
    { stemId }: StemRow,
  ) {
    this.#context = context;
    this.#recording = recording;
    this.#sessionKey = sessionKey;
    this.#stemId = stemId;
  }

  async open(format: StemFormat): Promise<SealedFileWriter> {
    const path = join(this.#context.scratch, `${this.#renderId}.${format}`);
    const writer = await SealedFileWriter.create(path, this.#sessionKey, {
      purpose: 'stem',
      organizationId: this.#recording.organizationId,
      sessionId: this.#recording.sessionId,
      keyId: this.#recording.recordingId,
      trackId: this.#stemId,
      epoch: 0,
      sequence: 0,
      startUs: 0,
      previousHash: new Uint8Array(32),
    });
    this.#writers.set(format, writer);
    return writer;
  }

  async store(formats: StemFormat[]): Promise<StemFileRow[]> {
    const stored: StemFileRow[] = [];
    for (const format of formats) {
      const writer = this.#writers.get(format);
      if (writer === undefined) throw new Error(`${format} was rendered without being opened`);
      const { path, bytes, sha256, plaintextBytes } = await writer.close();
      const objectKey = objectKeys.stemFile(
        this.#recording.recordingId,
        this.#stemId,
        this.#renderId,
        format,
      );
      await this.#context.store.put(objectKey, { path, bytes }, sha256);
      stored.push({ format, objectKey, bytes: plaintextBytes });
    }
    return stored;
  }

  /** What earlier renderings left, a killed one included. */
  async removeSuperseded(current: StemFileRow[]): Promise<void> {
    const { store } = this.#context;
    const kept = new Set(current.map(({ objectKey }) => objectKey));
    const prefix = `${objectKeys.recordingPrefix(this.#recording.recordingId)}stems/${this.#stemId}/`;
    for await (const { key } of store.list(prefix)) if (!kept.has(key)) await store.delete(key);
  }

  async discard(): Promise<void> {
    for (const writer of this.#writers.values()) await writer.discard();
  }
}

/** Writes down that a stem was not rendered. @returns whether another attempt may mend it */
async function concede(context: RenderContext, { stemId }: StemRow, error: unknown): Promise<boolean> {
  const { ledger, log, signal } = context;
  const final = error instanceof AppError && !error.retryable;
  const again = !final && (signal.aborted || !context.lastAttempt);
  if (error instanceof AppError && final) log.info({ stemId, code: error.code }, 'a stem cannot be rendered');
  else if (!signal.aborted) log.error({ err: error, stemId, again }, 'a stem could not be rendered');
  const note = signal.aborted ? 'The worker was stopped; it goes on when it is back.' : explain(error);
  if (again) await ledger.waiting(stemId, `${note} It will be tried again.`);
  else await ledger.failed(stemId, note);
  return again;
}

/** Errors whose message is a reason that people can read. */
const TELLING = [FfmpegError, StoreUnavailable, ObjectMissing, KeysUnavailable, FormatError];

function explain(error: unknown): string {
  if (error instanceof AppError) return error.message;
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOSPC') return 'It could not be rendered: the disk of the worker is full.';
  const telling = TELLING.find(kind => error instanceof kind);
  if (telling === undefined || !(error instanceof Error)) {
    return 'It could not be rendered. The reason is in the worker’s log.';
  }
  return `It could not be rendered: ${error.message.replace(/\.$/, '')}.`;
}
