import type { Clock } from '@cratersync/infra/runtime';

/** A clock that stands still until it is moved; its wall clock can be set. */
export class ManualClock implements Clock {
  #nowUs = 5_000_000;
  #wallOffsetMs = Date.UTC(2026, 0, 1);

  nowUs = () => this.#nowUs;
  wallMs = () => this.#wallOffsetMs + this.#nowUs / 1000;

  advance(ms: number): void {
    this.#nowUs += ms * 1000;
  }

  /** Steps the wall clock, as an operator or NTP may. */
  stepWall(ms: number): void {
    this.#wallOffsetMs += ms;
  }
}
