import { randomUUID } from 'node:crypto';
import type { Log } from '@cratersync/infra/runtime';
import { createWorker, type types } from 'mediasoup';
import type { MediaAddress } from './config.ts';

export interface MediaWorker {
  /** Names this worker's clock: the Sender Reports of all its streams share it. */
  clockId: string;
  worker: types.Worker;
  server: types.WebRtcServer;
  rooms: number;
}

/** What the kernel holds while a worker is not scheduled: about a second of 20 cameras. At most net.core.rmem_max and wmem_max. */
const udpBuffers = { recvBufferSize: 4 << 20, sendBufferSize: 4 << 20 };

/**
 * The mediasoup workers of this node: one process each, one media port each. A worker that dies is replaced;
 * `onDied` hears which clock is gone, so that its rooms can be reported lost.
 */
export class WorkerPool {
  readonly #workers: MediaWorker[] = [];
  readonly #options: WorkerPoolOptions;
  #closed = false;
  #died = 0;

  private constructor(options: WorkerPoolOptions) {
    this.#options = options;
  }

  static async open(options: WorkerPoolOptions): Promise<WorkerPool> {
    const pool = new WorkerPool(options);
    await Promise.all(Array.from({ length: options.count }, (_, index) => pool.#add(index)));
    return pool;
  }

  get size(): number {
    return this.#workers.length;
  }

  /** Workers that ended by themselves. */
  get diedCount(): number {
    return this.#died;
  }

  /** The worker with the fewest rooms. */
  leastLoaded(): MediaWorker | null {
    return this.#workers.reduce<MediaWorker | null>(
      (best, worker) => (best === null || worker.rooms < best.rooms ? worker : best),
      null,
    );
  }

  async #add(index: number): Promise<void> {
    const { workerBin, addresses, firstPort, log } = this.#options;
    const worker = await createWorker({
      logLevel: 'warn',
      ...(workerBin === undefined ? {} : { workerBin }),
    });
    const server = await worker.createWebRtcServer({
      listenInfos: addresses.flatMap(({ ip, announcedAddress }) =>
        (['udp', 'tcp'] as const).map(protocol => ({
          protocol,
          ip,
          ...(protocol === 'udp' ? udpBuffers : {}),
          ...(announcedAddress === undefined ? {} : { announcedAddress }),
          ...(firstPort === 0 ? {} : { port: firstPort + index }),
        })),
      ),
    });
    const media: MediaWorker = { clockId: randomUUID(), worker, server, rooms: 0 };
    this.#workers.push(media);
    worker.on('died', error => {
      this.#died += 1;
      this.#workers.splice(this.#workers.indexOf(media), 1);
      log.error({ err: error, pid: worker.pid }, 'a media worker died; its rooms move to another one');
      this.#options.onDied(media.clockId);
      if (!this.#closed) void this.#replace(index);
    });
  }

  async #replace(index: number): Promise<void> {
    try {
      await this.#add(index);
    } catch (error) {
      // Without workers this node is of no use: end, and let the supervisor start it afresh.
      if (!this.#closed) throw error;
    }
  }

  close(): void {
    this.#closed = true;
    for (const { worker } of this.#workers) worker.close();
  }
}

export interface WorkerPoolOptions {
  count: number;
  workerBin: string | undefined;
  addresses: MediaAddress[];
  firstPort: number;
  log: Log;
  onDied: (clockId: string) => void;
}
