import { setTimeout as delay } from 'node:timers/promises';
import { errors, type MediaKind, type RecordingId, toAppError } from '@cratersync/signaling/protocol';
import type { Keys } from '../keys/index.ts';
import type { ObjectStore } from '../store/index.ts';
import type { DiskSpace } from './disk-watch.ts';

const TIME_OUT_MS = 3_000;
/** Above this the loop that takes up packets has no time left for another recording. */
const MAX_LOAD = 0.85;
/** What a track brings to the disk while the store is away: Opus at 128 kb/s, video at 2.5 Mb/s. */
const BYTES_AN_HOUR: Record<MediaKind, number> = { audio: 57_600_000, video: 1_125_000_000 };

export interface AdmissionOptions {
  disk: () => Promise<DiskSpace>;
  minFreeBytes: number;
  /** For so long the disk must hold a recording that the store does not take. */
  plannedHours: number;
  /** How busy this recorder is, 0 to 1. */
  load: () => number;
  store: ObjectStore;
  keys: Keys;
}

/** How many tracks of each kind are there to be recorded. */
export type ExpectedTracks = Partial<Record<MediaKind, number>>;

type Context = Parameters<Keys['createSessionKey']>[0];

/**
 * Tries everything that a recording needs before the red light comes on: time to take up packets, room on the disk, a
 * write to the store, a key of its own.
 * @returns the session key
 * @throws `recording_refused`, naming what failed and what to do about it
 */
export async function admit(
  options: AdmissionOptions,
  context: Context,
  recordingId: RecordingId,
  expected: ExpectedTracks = { audio: 1, video: 1 },
): Promise<Buffer> {
  checkLoad(options.load());
  const [, , sessionKey] = await Promise.all([
    attempt('the disk of the recorder', () => checkDisk(options, expected)),
    attempt('the object store', () => options.store.check()),
    attempt('the key store', () => options.keys.createSessionKey(context, recordingId)),
  ]);
  return sessionKey;
}

function checkLoad(load: number): void {
  if (load <= MAX_LOAD) return;
  throw errors.recordingRefused(
    `the recorder is busy to ${Math.round(load * 100)} %, and needs its time for what it is recording already. ` +
      'Stop another recording, or add a recorder.',
  );
}

async function checkDisk(options: AdmissionOptions, expected: ExpectedTracks): Promise<void> {
  const { minFreeBytes, plannedHours, disk } = options;
  const { freeBytes } = await disk();
  const hourly = (expected.audio ?? 0) * BYTES_AN_HOUR.audio + (expected.video ?? 0) * BYTES_AN_HOUR.video;
  const neededBytes = minFreeBytes + Math.ceil(plannedHours * hourly);
  if (freeBytes >= neededBytes) return;
  const mebibytes = (bytes: number) => `${Math.floor(bytes / 2 ** 20)} MiB`;
  throw errors.recordingRefused(
    `only ${mebibytes(freeBytes)} are free on the disk of the recorder, and ${mebibytes(neededBytes)} are needed ` +
      `to hold ${plannedHours} h of this recording and keep ${mebibytes(minFreeBytes)} free. ` +
      'Delete old files there, or lower RECORDER_PLANNED_HOURS or RECORDER_MIN_FREE_BYTES.',
  );
}

/** @throws `recording_refused`: `what` failed, or did not answer within 3 s */
export async function attempt<T>(what: string, work: () => Promise<T>): Promise<T> {
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
