import type { RecordingId, TrackHealth } from '@cratersync/signaling/protocol';
import type { Journal } from '../journal/journal.ts';
import type { Committer } from './committer.ts';
import type { Recording } from './recording.ts';
import type { Reports } from './reports.ts';
import type { Vitals } from './vitals.ts';
import { warnings } from './warnings.ts';

export interface ProgressReportsOptions {
  reports: Reports;
  committer: Committer;
  vitals: Vitals;
  journal: Journal;
}

/** What the room hears now and then: how far its recording is safe, and how each track is. */
export class ProgressReports {
  readonly #options: ProgressReportsOptions;
  readonly #toldOfFilling = new WeakSet<Recording>();
  #reporting = false;

  constructor(options: ProgressReportsOptions) {
    this.#options = options;
  }

  /** Skipped while the last one is on its way: an old figure is of no use. @param nowUs the recorder's clock */
  async send(all: Iterable<Recording>, nowUs: number): Promise<void> {
    const { reports, committer, vitals } = this.#options;
    const live = [...all].filter(({ phase }) => phase === 'recording');
    if (this.#reporting || !reports.isOnline || live.length === 0) return;
    this.#reporting = true;
    if (vitals.diskFilling) this.#warnOfFilling(live);
    const recordings = live.map(recording => {
      const { sessionId, recordingId } = recording.row;
      const tracks = recording.tracks.progress(nowUs, committer.onDiskUs, this.#storageHealth(recordingId));
      return { sessionId, recordingId, elapsedMs: recording.elapsedMs, tracks };
    });
    await reports.tell('recordings.progressed', { recordings });
    this.#reporting = false;
  }

  /** Each recording once, also those that began later. */
  #warnOfFilling(live: Recording[]): void {
    for (const recording of live) {
      if (this.#toldOfFilling.has(recording)) continue;
      this.#toldOfFilling.add(recording);
      this.#options.reports.warning(recording, warnings.diskFilling);
    }
  }

  #storageHealth(recordingId: RecordingId): TrackHealth {
    const { committer, vitals, journal } = this.#options;
    if (committer.diskAway || vitals.diskNearlyFull) return 'disk-nearly-full';
    return journal.uploader.isStalled(recordingId) ? 'store-away' : 'flowing';
  }
}
