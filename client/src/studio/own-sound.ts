import { type LevelMeter, openLevelMeter } from './level-meter.ts';

/**
 * Listens to this person's own microphone, also while it is muted: what is muted is the track that is sent, and this
 * listens to a copy of it. Nothing of it leaves the page.
 */
export class OwnSound {
  #track: MediaStreamTrack | null = null;
  #copy: MediaStreamTrack | null = null;
  #meter: LevelMeter | null = null;

  /** The microphone, or another one from now on; null: none. */
  follow(track: MediaStreamTrack | null): void {
    if (track === this.#track) return;
    this.close();
    if (track === null) return;
    this.#track = track;
    this.#copy = track.clone();
    this.#copy.enabled = true;
    this.#meter = openLevelMeter(this.#copy);
  }

  get isOpen(): boolean {
    return this.#meter !== null;
  }

  /** Peak of the last moments, dB full scale. */
  readDb(): number {
    return this.#meter?.readDb() ?? Number.NEGATIVE_INFINITY;
  }

  /** A closed one may follow again. */
  close(): void {
    this.#meter?.close();
    this.#copy?.stop();
    this.#track = null;
    this.#copy = null;
    this.#meter = null;
  }
}
