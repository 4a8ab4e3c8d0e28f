import type { Log } from '@cratersync/infra/runtime';
import { objectKeys } from '../format/index.ts';
import type { RecordingReader } from '../reader.ts';
import type { ObjectStore } from '../store/index.ts';
import type { ExtraLedger, ExtraRow } from './extra-ledger.ts';
import type { Lanes } from './lanes.ts';
import type { RecordingIdentity, StemRow } from './ledger.ts';
import { makeExtra, NothingToRender } from './make-extra.ts';
import { ScratchFiles } from './scratch-files.ts';
import { verdictOn } from './verdict.ts';

export interface ExtraContext {
  /** Throws what stands in the way of reading it; `erased` when its key is gone. */
  open(): Promise<RecordingReader>;
  store: ObjectStore;
  ledger: ExtraLedger;
  stems(): Promise<StemRow[]>;
  scratch: string;
  lanes: Lanes;
  log: Log;
  /** Aborted when the worker is told to stop. */
  signal: AbortSignal;
  /** The queue gives up after this attempt. */
  lastAttempt: boolean;
}

/** Somebody does not want it any more. */
class Cancelled extends Error {}

/**
 * Makes one thing that somebody ordered. What was made the last time stays until the new file is whole, and is the only
 * one that is ever offered.
 * @throws the failure, when another attempt may mend it
 */
export async function renderExtra(context: ExtraContext, recording: RecordingIdentity): Promise<void> {
  await context.lanes.run(async () => {
    const row = await context.ledger.row();
    if (row === null || context.signal.aborted || !(await context.ledger.rendering())) return;
    await make(context, recording, row).catch(error => concede(context, row, error));
  });
}

async function make(context: ExtraContext, recording: RecordingIdentity, row: ExtraRow): Promise<void> {
  const { ledger, store } = context;
  const reader = await context.open();
  const stems = await context.stems();
  const { recordingId } = recording;
  const files = new ScratchFiles({
    ...{ scratch: context.scratch, store, open: context.open, recording },
    ...{ sessionKey: reader.sessionKey, ownerId: row.renderId },
    keyOf: (attemptId, format: typeof row.format) =>
      objectKeys.extraFile(recordingId, row.renderId, attemptId, format),
  });
  const progress = progressReporter(context);
  const stem = stems.find(({ stemId }) => stemId === row.stemId) ?? null;
  const { format } = row;
  try {
    await makeExtra(
      { format, reader, store, stems, stem, onProgress: progress.report },
      await files.open(format),
    );
    await progress.settled();
    const [stored] = await files.store([format]);
    if (stored === undefined) throw new Error('nothing was stored');
    const { objectKey, bytes } = stored;
    if (await ledger.ready({ objectKey, bytes, note: null })) {
      await files.removeOthers(objectKeys.extraPrefix(recordingId, row.renderId), [stored]);
    } else {
      await store.delete(objectKey);
    }
  } finally {
    await files.discard();
  }
}

const PROGRESS_STEP = 0.01;
const PROGRESS_EVERY_MS = 500;

/** Tells the database how far it is, now and then, and learns there whether it was cancelled. */
function progressReporter({ ledger, log, signal }: ExtraContext) {
  let told = 0;
  let toldAtMs = 0;
  let cancelled = false;
  let telling: Promise<void> | null = null;
  const tell = async (fraction: number) => {
    try {
      cancelled = !(await ledger.progress(fraction));
    } catch (error) {
      log.warn({ err: error }, 'progress could not be stored');
    }
    telling = null;
  };
  const check = () => {
    signal.throwIfAborted();
    if (cancelled) throw new Cancelled();
  };
  return {
    report(fraction: number) {
      check();
      const nowMs = performance.now();
      const due = fraction >= told + PROGRESS_STEP || nowMs - toldAtMs >= PROGRESS_EVERY_MS;
      if (!due || telling !== null) return;
      told = fraction;
      toldAtMs = nowMs;
      telling = tell(Math.min(1, Math.max(0, fraction)));
    },
    async settled() {
      await telling;
      check();
    },
  };
}

async function concede(context: ExtraContext, { renderId, format }: ExtraRow, error: unknown): Promise<void> {
  const { ledger, log } = context;
  if (error instanceof Cancelled) return log.info({ renderId, format }, 'it was cancelled');
  if (error instanceof NothingToRender) return await ledger.failed(error.message);
  const { again, note, isFault } = verdictOn(error, context);
  if (isFault) log.error({ err: error, renderId, format, again }, 'it could not be rendered');
  if (!again) return await ledger.failed(note);
  await ledger.waiting(note);
  throw error;
}
