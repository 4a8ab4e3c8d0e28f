import type { Clock } from '@cratersync/infra/runtime';

/** A clock that stands still until it is moved; its wall clock can be set. */
export class ManualClock implements Clock {
  #nowUs = 5_000_000;
  #boots = 1;
  #wallOffsetMs = Date.UTC(2026, 0, 1);

  nowUs = () => this.#nowUs;
  wallMs = () => this.#wallOffsetMs + this.#nowUs / 1000;

  get bootId(): string {
    return `boot-${this.#boots}`;
  }

  /** The machine starts again: the monotonic clock begins anew, the wall clock goes on. */
  reboot(): void {
    this.#boots += 1;
    this.#wallOffsetMs += this.#nowUs / 1000;
    this.#nowUs = 0;
  }

  advance(ms: number): void {
    this.#nowUs += ms * 1000;
  }

  /** Steps the wall clock, as an operator or NTP may. */
  stepWall(ms: number): void {
    this.#wallOffsetMs += ms;
  }
}
