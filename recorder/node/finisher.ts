import type { Log } from '@cratersync/infra/runtime';
import type { RecordingId } from '@cratersync/signaling/protocol';
import { Relieved } from './holders.ts';
import type { Recording } from './recording.ts';
import type { Reports } from './reports.ts';

export interface FinisherOptions {
  log: Log;
  reports: Reports;
  /** Ends what a restart takes up again. */
  signal: AbortSignal;
  /** Nothing of it is needed here any more. */
  onDone: (recording: Recording) => void;
}

/** Brings recordings to their end, each once: to its manifest, or into the hands of the one who writes that. */
export class Finisher {
  readonly #options: FinisherOptions;
  readonly #finishing = new Map<RecordingId, Promise<void>>();

  constructor(options: FinisherOptions) {
    this.#options = options;
  }

  /** Everything from the close to signaling's acknowledgement; at any point, a restart takes it up again. */
  finish(recording: Recording, how: 'finalize' | 'yield' = 'finalize'): Promise<void> {
    const { recordingId } = recording.row;
    const finishing =
      this.#finishing.get(recordingId) ??
      (how === 'yield' ? this.#yield(recording) : this.#finalize(recording));
    this.#finishing.set(recordingId, finishing);
    return finishing;
  }

  /** Its manifest is stored; signaling may not have heard of it, and is there now. */
  async report(recording: Recording): Promise<void> {
    const { log, reports } = this.#options;
    if (!(await reports.finalized(recording))) return;
    this.#done(recording);
    log.info({ recordingId: recording.row.recordingId }, 'finalized a recording');
  }

  async #finalize(recording: Recording): Promise<void> {
    const { reports, signal } = this.#options;
    if (recording.phase === 'recording') {
      const drained = recording.drain();
      reports.phase(recording);
      await drained;
    }
    if (recording.phase === 'finalizing') {
      reports.phase(recording);
      try {
        await recording.finalize(signal);
      } catch (error) {
        if (signal.aborted) return;
        if (!(error instanceof Relieved)) throw error;
        return this.#yield(recording);
      }
    }
    await this.report(recording);
  }

  /** Another recorder has it. Until the store has all that was received here, a restart takes this up again. */
  async #yield(recording: Recording): Promise<void> {
    const { log, signal } = this.#options;
    const { recordingId } = recording.row;
    log.warn({ recordingId }, 'another recorder has taken over a recording; handing in what is here');
    try {
      const late = await recording.yield(signal);
      if (late > 0)
        log.error(
          { recordingId, chunks: late },
          'what was here came too late, and is not part of the recording',
        );
    } catch (error) {
      if (signal.aborted) return;
      throw error;
    }
    this.#done(recording);
  }

  #done(recording: Recording): void {
    this.#finishing.delete(recording.row.recordingId);
    this.#options.onDone(recording);
  }
}
