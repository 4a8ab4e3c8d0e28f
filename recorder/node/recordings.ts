import { errors, type MediaKind, type RecordingId } from '@cratersync/signaling/protocol';
import type { RecordingRow } from '../journal/catalogue-entries.ts';
import type { FoundChunks } from '../journal/recovery.ts';
import { type Opening, openRecording, type TakingOver } from './open-recording.ts';
import type { RecorderNodeOptions } from './recorder-node.ts';
import type { Recording } from './recording.ts';
import { takeUp } from './take-up.ts';
import type { Vitals } from './vitals.ts';

const EARLIER_WAIT_MS = 10 * 60_000;

export interface RecordingsOptions extends RecorderNodeOptions {
  vitals: Vitals;
  /** Aborted when the recorder stops. */
  signal: AbortSignal;
  onOpened: (recording: Recording) => void;
  onForgotten: (recording: Recording) => void;
}

/** The recordings that this recorder has taken up: opened anew, from another recorder, or from the one before it. */
export class Recordings {
  readonly #options: RecordingsOptions;
  readonly #byId = new Map<RecordingId, Recording>();
  readonly #opening = new Map<RecordingId, Promise<Recording>>();

  constructor(options: RecordingsOptions) {
    this.#options = options;
  }

  [Symbol.iterator](): IterableIterator<Recording> {
    return this.#byId.values();
  }

  get(recordingId: RecordingId): Recording | undefined {
    return this.#byId.get(recordingId);
  }

  /** @throws `unavailable` while the recording has not been taken over yet */
  known({ recordingId }: { recordingId: RecordingId }): Recording | undefined {
    const recording = this.#byId.get(recordingId);
    if (recording !== undefined || !this.#options.journal.catalogue.recordings.has(recordingId))
      return recording;
    throw errors.unavailable('recording');
  }

  /** @throws `not_found`; `unavailable` while the recording has not been taken over yet */
  of(asked: { recordingId: RecordingId }): Recording {
    const recording = this.known(asked);
    if (recording === undefined) throw errors.notFound('recording');
    return recording;
  }

  /** What a recording needs to be admitted. */
  get admission() {
    const { disk, load } = this.#options.vitals;
    return { plannedHours: 0, ...this.#options, disk, load };
  }

  /** One admission a recording, however often signaling asks. @param from whose it was until now */
  async open(ids: Opening, from?: TakingOver): Promise<Recording> {
    const known = this.#opening.has(ids.recordingId) ? undefined : this.known(ids);
    if (known !== undefined) return known;
    const opening = this.#opening.get(ids.recordingId) ?? this.#open(ids, from);
    this.#opening.set(ids.recordingId, opening);
    try {
      return await opening;
    } finally {
      this.#opening.delete(ids.recordingId);
    }
  }

  async #open(asked: Opening, from?: TakingOver): Promise<Recording> {
    const recording = await openRecording(this.admission, this.#dependencies, asked, from);
    this.#byId.set(asked.recordingId, recording);
    this.#options.onOpened(recording);
    try {
      await this.#options.journal.commit();
    } catch (error) {
      this.forget(recording);
      throw errors.recordingRefused(
        'the disk of the recorder could not be written to. Mend that, and try again.',
        error,
      );
    }
    return recording;
  }

  /** Goes on with what the last recorder with this journal left. @returns null when nothing can be done */
  async takeUp(row: RecordingRow, found: FoundChunks): Promise<Recording | null> {
    const recording = await takeUp({ ...this.#options, dependencies: this.#dependencies }, row, found);
    if (recording !== null) this.#byId.set(row.recordingId, recording);
    return recording;
  }

  forget(recording: Recording): void {
    const { recordingId } = recording.row;
    this.#options.onForgotten(recording);
    this.#byId.delete(recordingId);
    this.#options.journal.catalogue.append({ type: 'forgotten', recordingId });
  }

  get #dependencies() {
    const { vitals, journal } = this.#options;
    return {
      earlierWaitMs: EARLIER_WAIT_MS,
      ...this.#options,
      hasRoom: (kind: MediaKind) => vitals.hasRoom(kind) && journal.hasRoom(kind),
    };
  }
}
