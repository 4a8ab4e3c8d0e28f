/** A timer that comes so late was not late: the device slept, or the browser had frozen the page. */
const LOOK_EVERY_MS = 2_000;
const SLEPT_MS = 12_000;

/** Tells when a device wakes up again: what was connected before then seldom is, and need not be waited for. */
export class WakeWatch {
  readonly #onWake: () => void;
  readonly #timer: ReturnType<typeof setInterval>;
  #lookedAtMs = Date.now();

  constructor(onWake: () => void) {
    this.#onWake = onWake;
    // By the wall clock: the monotonic one may stand still meanwhile.
    this.#timer = setInterval(() => this.#look(Date.now()), LOOK_EVERY_MS);
  }

  #look(nowMs: number): void {
    const slept = nowMs - this.#lookedAtMs > SLEPT_MS;
    this.#lookedAtMs = nowMs;
    if (slept) this.#onWake();
  }

  close(): void {
    clearInterval(this.#timer);
  }
}
