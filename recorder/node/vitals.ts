import type { Log } from '@cratersync/infra/runtime';
import type { MediaKind } from '@cratersync/signaling/protocol';
import { CpuWatch } from './cpu-watch.ts';
import { type DiskSpace, DiskWatch, diskSpace } from './disk-watch.ts';

export interface VitalsOptions {
  directory: string;
  minFreeBytes: number;
  log: Log;
  /** How a test looks at the disk, and at the processor. */
  disk?: () => Promise<DiskSpace>;
  load?: () => number;
}

/** What this recorder has left to record with: time of its processor, and room on its disk. */
export class Vitals {
  /** Asks the disk now. */
  readonly disk: () => Promise<DiskSpace>;
  /** How busy this recorder is, 0 to 1. */
  readonly load: () => number;
  readonly #watch: DiskWatch;
  readonly #cpu = new CpuWatch();
  readonly #log: Log;
  readonly #onNearlyFull: () => void;

  /** @param onNearlyFull from now on pictures are not kept */
  constructor(options: VitalsOptions, onNearlyFull: () => void) {
    const { directory, minFreeBytes, log } = options;
    this.disk = options.disk ?? (() => diskSpace(directory));
    this.load = options.load ?? (() => this.#cpu.load);
    this.#watch = new DiskWatch({ look: this.disk, minFreeBytes });
    this.#log = log;
    this.#onNearlyFull = onNearlyFull;
  }

  get diskNearlyFull(): boolean {
    return this.#watch.level === 'nearly-full';
  }

  /** Much of it is used, while there is time to do something about it. */
  get diskFilling(): boolean {
    return this.#watch.level === 'filling';
  }

  /** Near the end of the disk, pictures go before sound: they are most of it, and missed less. */
  hasRoom(kind: MediaKind): boolean {
    return kind === 'audio' || !this.diskNearlyFull;
  }

  /** Looks again, about every two seconds. */
  look(): void {
    this.#cpu.look();
    this.#watch.look().then(
      level => {
        if (level === 'filling') this.#log.warn('the disk of the recorder is more than 70 % full');
        if (level !== 'nearly-full') return;
        this.#log.error('the disk of the recorder is nearly full: only sound is being recorded');
        this.#onNearlyFull();
      },
      (error: unknown) => this.#log.error({ err: error }, 'the disk could not be looked at'),
    );
  }
}
