import type { MarkerId, RecordingCheck, RecordingView, rest } from '../protocol.ts';
import { attempt, type Surroundings } from './desk.ts';
import { Store } from './store.ts';

/** The countdown, and all that the server may then wait for. */
const START_TIMEOUT_MS = 30_000;
const COUNTDOWN_MS = 3_000;

/** What is done to the recording, from the room. Nothing rejects but what says so: the person is told why. */
export class RecordingDesk {
  /** Whether something is being asked of the recorder. */
  readonly isAsking = new Store(false);
  readonly #around: Surroundings;

  constructor(around: Surroundings) {
    this.#around = around;
  }

  /** @returns null when it would be refused */
  check(): Promise<RecordingCheck | null> {
    return this.#asking(() => this.#around.ask('recording.check', {}));
  }

  async start({ countsDown, slate }: { countsDown: boolean; slate: boolean }): Promise<void> {
    const how = { countdownMs: countsDown ? COUNTDOWN_MS : 0, slate };
    await this.#change(() => this.#around.ask('recording.start', how, START_TIMEOUT_MS));
  }

  async callOff(): Promise<void> {
    await attempt(this.#around, () => this.#around.ask('recording.call-off', {}));
  }

  stop(): Promise<void> {
    return this.#change(() => this.#around.ask('recording.stop', {}));
  }

  setPaused(isPaused: boolean): Promise<void> {
    return this.#change(() => this.#around.ask(isPaused ? 'recording.pause' : 'recording.resume', {}));
  }

  /**
   * @param agoMs the moment that is meant: a note takes time to write
   * @returns null when it could not be
   */
  async mark(name = '', agoMs = 0): Promise<rest.Marker | null> {
    const body = await attempt(this.#around, () =>
      this.#around.ask('marker.add', { name, agoMs: Math.round(agoMs) }),
    );
    if (body !== undefined) this.#around.onChange({ event: 'markerChanged', body });
    return body ?? null;
  }

  /** @throws AppError: whoever writes is told where they write */
  async rename(markerId: MarkerId, name: string): Promise<void> {
    const body = await this.#around.ask('marker.rename', { markerId, name });
    this.#around.onChange({ event: 'markerChanged', body });
  }

  async #change(ask: () => Promise<RecordingView>): Promise<void> {
    const body = await this.#asking(ask);
    if (body !== null) this.#around.onChange({ event: 'recordingChanged', body });
  }

  async #asking<T>(work: () => Promise<T>): Promise<T | null> {
    this.isAsking.set(true);
    const answer = await attempt(this.#around, work);
    this.isAsking.set(false);
    return answer ?? null;
  }
}
