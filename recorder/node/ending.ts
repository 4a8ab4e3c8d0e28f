import { type Clock, type Log, retry } from '@cratersync/infra/runtime';
import { type ManifestTrack, objectKeys } from '../format/index.ts';
import type { RecordingRow } from '../journal/catalogue-entries.ts';
import type { Journal } from '../journal/journal.ts';
import type { ObjectStore } from '../store/index.ts';
import { earlierTracks } from './earlier-tracks.ts';
import { claim, noteYielded, Relieved } from './holders.ts';

export interface EndingWork {
  journal: Journal;
  store: ObjectStore;
  clock: Clock;
  log: Log;
  nodeId: string;
  earlierWaitMs: number;
  row: RecordingRow;
  sessionKey: Buffer;
  signal: AbortSignal;
}

/**
 * Claims a recording's end. From then on nobody else goes on with it, unless this recorder is lost.
 * @returns the tracks of those who had it before, and when it was stopped by their word
 * @throws Relieved when another recorder has it
 */
export async function claimEnd(
  work: EndingWork,
): Promise<{ tracks: ManifestTrack[]; stoppedUs: number | null }> {
  const { store, nodeId: recorder, log, row, signal } = work;
  const { recordingId, holder } = row;
  const mine = { recorder, purpose: 'close' } as const;
  const isMine = async () =>
    (await claim(store, recordingId, holder + 1, mine)) &&
    // Granted anew to one who was away, it may be granted for nothing: another one went on behind that mark.
    (await store.head(objectKeys.holder(recordingId, holder + 2))) === null;
  const granted = await retry(isMine, {
    signal,
    onRetry: error => log.warn({ err: error, recordingId }, 'the end could not be claimed yet; trying again'),
  });
  if (!granted) throw new Relieved();
  return holder === 1 ? { tracks: [], stoppedUs: null } : earlierTracks(work);
}

/**
 * Brings to the store what was received here of a recording that another recorder has now, and says so there.
 * @returns how many chunks came too late: the manifest had been written without them
 */
export async function handIn(
  work: Pick<EndingWork, 'journal' | 'store' | 'log' | 'row' | 'signal'>,
): Promise<number> {
  const { journal, store, log, row, signal } = work;
  const { recordingId, holder, tracks } = row;
  const patient = {
    signal,
    onRetry: (error: unknown) =>
      log.warn({ err: error, recordingId }, 'a recording could not be yielded yet; trying again'),
  };
  const isOver = (await retry(() => store.head(objectKeys.manifest(recordingId)), patient)) !== null;
  const chunks = [...tracks.values()].flatMap(track => track.chunks);
  const waiting = chunks.filter(({ stored }) => !stored).length;
  await journal.uploader.drained(recordingId);
  await retry(() => noteYielded(store, recordingId, holder), patient);
  return isOver ? waiting : 0;
}
