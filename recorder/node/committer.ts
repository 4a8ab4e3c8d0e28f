import type { Clock, Log } from '@cratersync/infra/runtime';
import type { Journal } from '../journal/journal.ts';

/** A disk that does not answer for so long is as good as one that refuses. */
const DISK_HANGS_MS = 3_000;

export interface CommitterOptions {
  journal: Journal;
  clock: Clock;
  log: Log;
  /** Told once, until a commit succeeds again. */
  onDiskAway: () => void;
}

/** Commits the journal, one commit after another, and knows how far it is on disk. */
export class Committer {
  readonly #options: CommitterOptions;
  #busy = false;
  #onDiskUs: number;
  #diskAway = false;

  constructor(options: CommitterOptions) {
    this.#options = options;
    this.#onDiskUs = options.clock.nowUs();
  }

  /** What was received before is on disk; the clock's reading. */
  get onDiskUs(): number {
    return this.#onDiskUs;
  }

  /** The disk takes nothing at the moment. */
  get diskAway(): boolean {
    return this.#diskAway;
  }

  /**
   * Does nothing while the one before is on its way.
   * @param flushedUs what was received before is part of the commit
   */
  async commit(flushedUs: number): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    const late = setTimeout(() => this.#away(), DISK_HANGS_MS);
    try {
      await this.#options.journal.commit();
      this.#onDiskUs = flushedUs;
      this.#diskAway = false;
    } catch (error) {
      this.#options.log.error({ err: error }, 'the journal could not be written; trying again');
      this.#away();
    } finally {
      clearTimeout(late);
      this.#busy = false;
    }
  }

  #away(): void {
    if (this.#diskAway) return;
    this.#diskAway = true;
    this.#options.onDiskAway();
  }
}
