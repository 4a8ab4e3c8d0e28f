import { RateLimit } from '@cratersync/signaling/mail';

const HOUR_MS = 3_600_000;
const FIRST_REST_MS = 30_000;
const MAX_REST_MS = 15 * 60_000;

/**
 * How fast a worker sends letters: not too many to one address, and to the mail server as many as it takes. When it says that
 * so much is too much, all letters rest: half a minute, and twice as long each time until it takes one again.
 */
export class Pace {
  readonly #perAddress: RateLimit;
  #rests = 0;
  #restUntilMs = 0;

  constructor({ perHour }: { perHour: number }) {
    this.#perAddress = new RateLimit({ burst: perHour, everyMs: HOUR_MS / perHour });
  }

  /** @returns 0 when a letter may go to that address now, else how long it has to wait in ms */
  waitMs(email: string, nowMs: number = performance.now()): number {
    return Math.max(this.#restUntilMs - nowMs, 0) || this.#perAddress.take(email, nowMs);
  }

  /** The server wants less. Several letters on their way may be told so at once: that is one rest. @returns how long, in ms */
  rest(nowMs: number = performance.now()): number {
    if (nowMs >= this.#restUntilMs) {
      this.#restUntilMs = nowMs + Math.min(FIRST_REST_MS * 2 ** this.#rests, MAX_REST_MS);
      this.#rests += 1;
    }
    return this.#restUntilMs - nowMs;
  }

  /** The server has taken a letter. */
  took(): void {
    this.#rests = 0;
  }
}
