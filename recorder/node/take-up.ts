import { setTimeout as delay } from 'node:timers/promises';
import { type Clock, type Log, retry } from '@cratersync/infra/runtime';
import { AppError } from '@cratersync/signaling/protocol';
import { objectKeys } from '../format/index.ts';
import type { RecordingRow } from '../journal/catalogue-entries.ts';
import type { Journal } from '../journal/journal.ts';
import { type FoundChunks, recoverRecording } from '../journal/recovery.ts';
import type { Keys } from '../keys/index.ts';
import type { ObjectStore } from '../store/index.ts';
import { Recording, type RecordingDependencies } from './recording.ts';

const STORE_WAIT_MS = 2_000;
const KEPT_WITHOUT_KEY_MS = 7 * 24 * 3_600_000;

export interface TakeUpWork {
  journal: Journal;
  keys: Keys;
  clock: Clock;
  log: Log;
  dependencies: RecordingDependencies;
  signal: AbortSignal;
}

/**
 * Takes up one recording that the last recorder with this journal left.
 * @returns null when nothing can be done: it was erased, cannot be read, or this recorder is being stopped
 */
export async function takeUp(
  work: TakeUpWork,
  row: RecordingRow,
  found: FoundChunks,
): Promise<Recording | null> {
  const { journal, keys, log, signal, dependencies } = work;
  const { recordingId } = row;
  try {
    const sessionKey = await retry(() => keys.sessionKey(row, recordingId), {
      signal,
      retryable: error => !(isErased(error) && mayBeLetGo(work, row)),
      onRetry: error => log.warn({ err: error, recordingId }, 'no key for a recording yet; trying again'),
    });
    const tracks = await recoverRecording(journal, row, found, { sessionKey, log });
    await journal.durable();
    const recording = Recording.takeOver(row, sessionKey, tracks, dependencies);
    // That it was away is written before anything that comes now: it may die again at once.
    await journal.durable();
    log.info({ recordingId, chunks: found.length }, 'took over a recording');
    return recording;
  } catch (error) {
    if (signal.aborted) return null;
    if (!isErased(error)) {
      // One that cannot be read must not keep the others from recording. Nothing of it is let go.
      log.error(
        { err: error, recordingId },
        'a recording could not be taken over; the next start tries again',
      );
      return null;
    }
    log.warn({ recordingId }, 'a recording was erased while the recorder was down');
    journal.catalogue.append({ type: 'forgotten', recordingId });
    journal.release(found.flatMap(each => [each.head, ...each.frames]));
    return null;
  }
}

/** While this recorder was down another one may have gone on. A store that is away does not keep it from recording. */
export async function isRelieved(
  store: ObjectStore,
  { recordingId, holder }: RecordingRow,
): Promise<boolean> {
  const next = store.head(objectKeys.holder(recordingId, holder + 1)).catch(() => null);
  return (await Promise.race([next, delay(STORE_WAIT_MS, null, { ref: false })])) !== null;
}

/**
 * Whether a missing key means that a recording was erased. A key store that is not mounted looks the same, so what is
 * not in the store yet is kept for some days.
 */
function mayBeLetGo({ clock }: TakeUpWork, { finalized, anchor, startedAtMs }: RecordingRow): boolean {
  return finalized || clock.wallMs() - (anchor?.wallMs ?? startedAtMs) > KEPT_WITHOUT_KEY_MS;
}

const isErased = (error: unknown) => error instanceof AppError && error.code === 'erased';
