import type { Clock } from '@cratersync/infra/runtime';
import { errors, type Countdown as View } from '../protocol/index.ts';

interface Running {
  untilUs: number;
  by: string;
  end: (calledOff: boolean) => void;
}

/** What everybody sees before the light comes on. */
export class Countdown {
  readonly #clock: Clock;
  readonly #tell: (view: View | null) => void;
  #running: Running | null = null;

  constructor({ clock, tell }: { clock: Clock; tell: (view: View | null) => void }) {
    this.#clock = clock;
    this.#tell = tell;
  }

  get view(): View | null {
    if (this.#running === null) return null;
    const { untilUs, by } = this.#running;
    return { leftMs: Math.max(0, Math.round((untilUs - this.#clock.nowUs()) / 1000)), by };
  }

  /**
   * Resolves when it is over.
   * @throws `conflict` when somebody has called it off
   */
  async run(ms: number, by: string): Promise<void> {
    if (ms === 0) return;
    const { promise: over, resolve: end } = Promise.withResolvers<boolean>();
    const timer = setTimeout(() => end(false), ms).unref();
    this.#running = { untilUs: this.#clock.nowUs() + ms * 1000, by, end };
    this.#tell(this.view);
    const calledOff = await over;
    clearTimeout(timer);
    this.#running = null;
    this.#tell(null);
    if (calledOff) throw errors.conflict('The recording was called off.');
  }

  /** Nothing happens when nothing is counted down. */
  callOff(): void {
    this.#running?.end(true);
  }
}
