/**
 * How often something may be asked for, by whoever asks: `burst` times at once, and once more every `everyMs`
 * (GCRA, the leaky bucket with one number a key: the time at which its bucket will be empty). In the memory of this
 * process; what has drained is forgotten.
 */
export class RateLimit {
  readonly #burst: number;
  readonly #everyMs: number;
  readonly #emptyAtMs = new Map<string, number>();
  #sweepAtMs = 0;

  constructor(limit: { burst: number; everyMs: number }) {
    this.#burst = limit.burst;
    this.#everyMs = limit.everyMs;
  }

  /** @returns 0 when it may go ahead, else how long to wait in ms */
  take(key: string, nowMs: number = performance.now()): number {
    this.#sweep(nowMs);
    const filledToMs = Math.max(this.#emptyAtMs.get(key) ?? 0, nowMs) + this.#everyMs;
    const waitMs = filledToMs - nowMs - this.#burst * this.#everyMs;
    if (waitMs > 0) return waitMs;
    this.#emptyAtMs.set(key, filledToMs);
    return 0;
  }

  /** How often it may go ahead at once, and when all are there again. */
  state(key: string, nowMs: number = performance.now()): { left: number; fullInMs: number } {
    const fullInMs = Math.max((this.#emptyAtMs.get(key) ?? 0) - nowMs, 0);
    return { left: Math.floor(this.#burst - fullInMs / this.#everyMs + 1e-6), fullInMs };
  }

  #sweep(nowMs: number): void {
    if (nowMs < this.#sweepAtMs) return;
    for (const [key, emptyAtMs] of this.#emptyAtMs) if (emptyAtMs <= nowMs) this.#emptyAtMs.delete(key);
    this.#sweepAtMs = nowMs + this.#everyMs;
  }
}
