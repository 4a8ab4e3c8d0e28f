import { setTimeout as delay } from 'node:timers/promises';
import {
  type CustomerKey,
  errors,
  type MediaKind,
  type RecordingId,
  toAppError,
} from '@cratersync/signaling/protocol';
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

/** Whose it is, and the organization's own key, where it has brought one. */
type Context = Parameters<Keys['createSessionKey']>[0] & {
  customerKey?: CustomerKey | null | undefined;
};

/**
 * Tries everything that a recording needs before the red light comes on: time to take up packets, room on the disk, a
 * write to the store, a key of its own.
 * @returns the session key
 * @throws `recording_refused`, naming what failed and what to do about it
 */
export async function admit(
  options: AdmissionOptions,
  { customerKey, ...context }: Context,
  recordingId: RecordingId,
  expected: ExpectedTracks = { audio: 1, video: 1 },
): Promise<Buffer> {
  const { keys } = options;
  return (await tryAll(options, expected, () => keys.createSessionKey(context, recordingId, customerKey)))
    .key;
}

/**
 * Tries the same, and leaves nothing behind.
 * @returns for how long the disk alone would hold it; null where nothing is there to be recorded
 * @throws `recording_refused`
 */
export async function check(
  options: AdmissionOptions,
  { customerKey, ...context }: Context,
  expected: ExpectedTracks = {},
): Promise<{ diskHours: number | null }> {
  const { freeBytes } = await tryAll(options, expected, () => options.keys.check(context, customerKey));
  const hourly = bytesAnHour(expected);
  return { diskHours: hourly === 0 ? null : Math.max(0, freeBytes - options.minFreeBytes) / hourly };
}

async function tryAll<Key>(options: AdmissionOptions, expected: ExpectedTracks, getKey: () => Promise<Key>) {
  checkLoad(options.load());
  const [freeBytes, , key] = await Promise.all([
    attempt('the disk of the recorder', () => checkDisk(options, expected)),
    attempt('the object store', () => options.store.check()),
    attempt('the key store', getKey),
  ]);
  return { freeBytes, key };
}

const bytesAnHour = ({ audio = 0, video = 0 }: ExpectedTracks): number =>
  audio * BYTES_AN_HOUR.audio + video * BYTES_AN_HOUR.video;

function checkLoad(load: number): void {
  if (load <= MAX_LOAD) return;
  throw errors.recordingRefused(
    `the recorder is busy to ${Math.round(load * 100)} %, and needs its time for what it is recording already. ` +
      'Stop another recording, or add a recorder.',
  );
}

/** @returns what is free */
async function checkDisk(options: AdmissionOptions, expected: ExpectedTracks): Promise<number> {
  const { minFreeBytes, plannedHours, disk } = options;
  const { freeBytes } = await disk();
  const neededBytes = minFreeBytes + Math.ceil(plannedHours * bytesAnHour(expected));
  if (freeBytes >= neededBytes) return freeBytes;
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
