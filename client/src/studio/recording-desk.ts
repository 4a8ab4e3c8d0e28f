import type { MarkerId, RecordingCheck, RecordingView, rest } from '../protocol.ts';
import { toAppError } from '../protocol.ts';
import type { Ask } from './connection.ts';
import type { RoomChange } from './room-state.ts';
import { Store } from './store.ts';

/** The countdown, and all that the server may then wait for. */
const START_TIMEOUT_MS = 30_000;
const COUNTDOWN_MS = 3_000;

interface Around {
  ask: Ask;
  onChange: (change: RoomChange) => void;
  /** null: what was said before no longer holds. */
  onProblem: (problem: string | null) => void;
}

/** What is done to the recording, from the room. Nothing rejects but what says so: the person is told why. */
export class RecordingDesk {
  /** Whether something is being asked of the recorder. */
  readonly isAsking = new Store(false);
  readonly #around: Around;

  constructor(around: Around) {
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
    await this.#around.ask('recording.call-off', {}).catch(this.#tell);
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
    try {
      const body = await this.#around.ask('marker.add', { name, agoMs: Math.round(agoMs) });
      this.#around.onChange({ event: 'markerChanged', body });
      return body;
    } catch (thrown) {
      this.#tell(thrown);
      return null;
    }
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
    this.#around.onProblem(null);
    try {
      return await work();
    } catch (thrown) {
      this.#tell(thrown);
      return null;
    } finally {
      this.isAsking.set(false);
    }
  }

  readonly #tell = (thrown: unknown): void => this.#around.onProblem(toAppError(thrown).message);
}
