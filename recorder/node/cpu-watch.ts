import { performance } from 'node:perf_hooks';

/**
 * How busy this process's loop has been, 0 to 1. Packets are taken up by that loop: when it has no time left, the
 * kernel's buffers fill. The machine's other processes do not count; the kernel shares the processors out.
 */
export class CpuWatch {
  #last = performance.eventLoopUtilization();
  #load = 0;

  get load(): number {
    return this.#load;
  }

  /** Looks again; the figure is of the time since the last look. */
  look(): void {
    const now = performance.eventLoopUtilization();
    this.#load = performance.eventLoopUtilization(now, this.#last).utilization;
    this.#last = now;
  }
}
