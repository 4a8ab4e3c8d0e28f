import type { Log } from '@cratersync/infra/runtime';
import { objectKeys } from '../format/index.ts';
import { letGoOfAll } from '../let-go.ts';
import type { RecordingReader } from '../reader.ts';
import type { ObjectStore } from '../store/index.ts';
import { FfmpegError } from './ffmpeg.ts';
import type { Lanes } from './lanes.ts';
import type { RecordingIdentity, StemLedger, StemRow } from './ledger.ts';
import { renderStem, type StemFormat } from './render-stem.ts';
import { type MadeFile, ScratchFiles } from './scratch-files.ts';
import { storedFile } from './stored-file.ts';
import { type SurveyedStem, survey } from './survey.ts';
import { writeThumbs } from './thumbs.ts';
import { verdictOn } from './verdict.ts';

type MadeStemFile = MadeFile<StemFormat>;

export interface RenderContext {
  /** Throws what stands in the way of reading it; `erased` when its key is gone. */
  open(): Promise<RecordingReader>;
  store: ObjectStore;
  ledger: StemLedger;
  /** A directory for ciphertext that is not yet in the store. */
  scratch: string;
  /** Shared by all that is rendered at the same time. */
  lanes: Lanes;
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
    letGoOfAll();
    const render = async (row: StemRow) => {
      const stem = surveyed.find(s => s.participantId === row.participantId && s.source === row.source);
      await renderRow(context, recording, reader, row, stem).catch(error => giveUp(row, error));
    };
    await Promise.all(pending.map(row => context.lanes.run(() => render(row))));
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
  const files = new ScratchFiles<StemFormat>({
    ...{ scratch: context.scratch, store: context.store, open: context.open, recording },
    ...{ sessionKey: reader.sessionKey, ownerId: row.stemId },
    keyOf: (renderId, format) => objectKeys.stemFile(recording.recordingId, row.stemId, renderId, format),
  });
  try {
    const onProgress = (fraction: number) => {
      signal.throwIfAborted();
      progress.report(fraction);
    };
    const task = { reader, stem, name: row.name, onProgress };
    const { formats, notes } = await renderStem(task, format => files.open(format));
    const note = notes.length === 0 ? null : notes.join(' ');
    const stored = await files.store(formats);
    stored.push(...(await thumbsOf(context, reader, files, stored)));
    await progress.settled();
    if (formats.length === 0) return await ledger.failed(row.stemId, note ?? 'Nothing was ever sent.');
    const durationMs = Math.round(reader.manifest.durationUs / 1000);
    await ledger.ready(row.stemId, { durationMs, files: stored, note });
    await files.removeOthers(objectKeys.stemPrefix(recording.recordingId, row.stemId), stored);
  } finally {
    await files.discard();
  }
}

/** Small pictures are made of what was just stored, as only a whole file can be read. A stem is good without them. */
async function thumbsOf(
  { store, log }: RenderContext,
  { sessionKey, manifest }: RecordingReader,
  files: ScratchFiles<StemFormat>,
  stored: readonly MadeStemFile[],
): Promise<MadeStemFile[]> {
  for (const { format, ...file } of stored) {
    if (format !== 'webm' && format !== 'mp4') continue;
    const pictures = storedFile(store, sessionKey, file);
    try {
      await writeThumbs(pictures, format, manifest.durationUs, await files.open('thumbs'));
    } catch (error) {
      if (!(error instanceof FfmpegError)) throw error;
      log.warn({ err: error }, 'a stem has no small pictures');
      return [];
    }
    return await files.store(['thumbs']);
  }
  return [];
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

/** Writes down that a stem was not rendered. @returns whether another attempt may mend it */
async function concede(context: RenderContext, { stemId }: StemRow, error: unknown): Promise<boolean> {
  const { ledger, log } = context;
  const { again, note, isFault } = verdictOn(error, context);
  if (isFault) log.error({ err: error, stemId, again }, 'a stem could not be rendered');
  else if (!again) log.info({ stemId, note }, 'a stem cannot be rendered');
  if (again) await ledger.waiting(stemId, note);
  else await ledger.failed(stemId, note);
  return again;
}
