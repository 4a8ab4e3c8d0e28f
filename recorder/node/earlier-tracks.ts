import { type Clock, type Log, retry } from '@cratersync/infra/runtime';
import { type ManifestTrack, objectKeys } from '../format/index.ts';
import type { RecordingRow } from '../journal/catalogue-entries.ts';
import { rebuildTracks } from '../rebuild.ts';
import type { ObjectStore } from '../store/index.ts';
import { hasYielded, holderOf } from './holders.ts';

export interface EarlierWork {
  store: ObjectStore;
  clock: Clock;
  log: Log;
  row: RecordingRow;
  sessionKey: Buffer;
  /** How long a recorder that was relieved may take to hand in what it has. */
  earlierWaitMs: number;
  signal: AbortSignal;
}

/**
 * The tracks of the recorders that had a recording before, as the store has them. Each is waited for until it says that
 * all of it is there; one that is not back in time has lost the end of its tracks, and its account says from where.
 * `stoppedUs`: when the recording was stopped, by their word; null when none of them says so.
 */
export async function earlierTracks(
  work: EarlierWork,
): Promise<{ tracks: ManifestTrack[]; stoppedUs: number | null }> {
  const { store, log, row, sessionKey, signal } = work;
  const { recordingId, durationUs } = row;
  await untilYielded(work);
  const { tracks, faults } = await retry(
    () => rebuildTracks({ store, sessionKey, recordingId, except: new Set(row.tracks.keys()) }),
    {
      signal,
      onRetry: error => log.warn({ err: error, recordingId }, 'the store does not answer yet; trying again'),
    },
  );
  for (const fault of faults)
    log.error({ ...fault, recordingId }, 'a chunk of an earlier recorder is of no use');
  const stops = tracks.flatMap(track => track.stoppedUs ?? []);
  const stoppedUs = stops.length === 0 ? null : Math.max(...stops);
  const endUs = (row.tracks.size === 0 ? stoppedUs : null) ?? durationUs ?? 0;
  return {
    stoppedUs,
    tracks: tracks.map(({ track, ledger }) => {
      ledger.restarted(ledger.accountedUs);
      return { ...track, ...ledger.finish(endUs) };
    }),
  };
}

async function untilYielded({ store, clock, log, row, earlierWaitMs, signal }: EarlierWork): Promise<void> {
  const { recordingId, holder } = row;
  const untilUs = clock.nowUs() + earlierWaitMs * 1000;
  const missing = async () => {
    // One that had claimed the end came back, and wrote it.
    if ((await store.head(objectKeys.manifest(recordingId))) !== null) return;
    for (let number = 1; number < holder; number += 1) {
      if (await hasYielded(store, recordingId, number)) continue;
      // A mark of the end has received nothing.
      if ((await holderOf(store, recordingId, number))?.purpose === 'close') continue;
      throw new Error(`holder ${number} is not back yet`);
    }
  };
  await retry(missing, {
    signal,
    maxMs: 5_000,
    retryable: () => clock.nowUs() < untilUs,
    onRetry: error => log.warn({ err: error, recordingId }, 'waiting for what an earlier recorder has'),
  }).catch((error: unknown) => {
    if (signal.aborted) throw error;
    log.error(
      { err: error, recordingId },
      'an earlier recorder did not come back: what only it had is missing',
    );
  });
}
