import { statfs } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { errors, type RecordingId, toAppError } from '@cratersync/signaling/protocol';
import type { Keys } from '../keys/index.ts';
import type { ObjectStore } from '../store/index.ts';

const TIME_OUT_MS = 3_000;

export interface AdmissionOptions {
  directory: string;
  minFreeBytes: number;
  store: ObjectStore;
  keys: Keys;
}

type Context = Parameters<Keys['createSessionKey']>[0];

/**
 * Tries everything that a recording needs before the red light comes on: room on the disk, a write to the store, a
 * key of its own.
 * @returns the session key
 * @throws `recording_refused`, naming what failed and what to do about it
 */
export async function admit(
  options: AdmissionOptions,
  context: Context,
  recordingId: RecordingId,
): Promise<Buffer> {
  const [, , sessionKey] = await Promise.all([
    attempt('the disk of the recorder', () => checkDisk(options)),
    attempt('the object store', () => options.store.check()),
    attempt('the key store', () => options.keys.createSessionKey(context, recordingId)),
  ]);
  return sessionKey;
}

async function checkDisk({ directory, minFreeBytes }: AdmissionOptions): Promise<void> {
  const { bavail, bsize } = await statfs(directory);
  const freeBytes = bavail * bsize;
  if (freeBytes >= minFreeBytes) return;
  const mebibytes = (bytes: number) => `${Math.floor(bytes / 2 ** 20)} MiB`;
  throw errors.recordingRefused(
    `only ${mebibytes(freeBytes)} are free on the disk of the recorder, and it keeps ${mebibytes(minFreeBytes)} free. ` +
      'Delete old files there, or lower RECORDER_MIN_FREE_BYTES.',
  );
}

async function attempt<T>(what: string, work: () => Promise<T>): Promise<T> {
  const abort = new AbortController();
  const late = delay(TIME_OUT_MS, undefined, { signal: abort.signal }).then(
    () => {
      throw errors.recordingRefused(
        `${what} did not answer within ${TIME_OUT_MS / 1000} s. Check that it is up, and try again.`,
      );
    },
    () => new Promise<never>(() => {}),
  );
  try {
    return await Promise.race([work(), late]);
  } catch (error) {
    const known = toAppError(error);
    if (known.code === 'recording_refused') throw known;
    const reason = error instanceof Error ? error.message : String(error);
    throw errors.recordingRefused(`${what} refused: ${reason} Mend that, and try again.`, error);
  } finally {
    abort.abort();
  }
}
