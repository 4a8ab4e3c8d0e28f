import type { Log } from '@cratersync/infra/runtime';
import { Journal, type JournalOptions } from '@cratersync/recorder/journal';
import type { Keys } from '@cratersync/recorder/keys';
import { RecorderNode } from '@cratersync/recorder/node';
import type { ObjectStore } from '@cratersync/recorder/store';
import { NodeUdpReceiver } from '@cratersync/recorder/testing';
import type { ManualClock } from '../support/manual-clock.ts';
import { FaultyDisk } from './faulty-disk.ts';

/** What one life of the recorder consists of. */
export interface Life {
  journal: Journal;
  node: RecorderNode;
  disk: FaultyDisk;
}

export interface LifeOptions {
  nodeId: string;
  directory: string;
  clock: ManualClock;
  store: ObjectStore;
  keys: Keys;
  log: Log;
  journal?: Partial<Pick<JournalOptions, 'maxPendingBytes' | 'maxSegmentBytes'>> | undefined;
  /** A chunk is where it belongs. */
  onStored: () => void;
}

/** Starts the recorder on what is in its directory, up to where it takes over what it finds. */
export async function beginLife(options: LifeOptions): Promise<Life> {
  const { clock, directory, log, keys, nodeId } = options;
  const disk = new FaultyDisk();
  const store = whileAlive(disk, options.store);
  const { openFile } = disk;
  const journal = await Journal.open({
    ...{ clock, log, directory, store, openFile, maxSegmentBytes: 50_000 },
    ...options.journal,
    onStoreStalled: id => node.storeStalled(id),
    onSettled: chunk => {
      options.onStored();
      node.settled(chunk);
    },
  });
  const node = new RecorderNode({
    ...{ journal, store, keys, clock, log, directory, nodeId },
    minFreeBytes: 0,
    disk: async () => ({ freeBytes: 2 ** 40, totalBytes: 2 ** 40 }),
    tapIp: '127.0.0.1',
    // A test that is faster than time keeps its processor busy.
    load: () => 0,
    receiver: new NodeUdpReceiver(clock),
  });
  return { journal, node, disk };
}

/** The store as one life of the recorder reaches it: what is asked by a dead one is not done. */
function whileAlive(disk: FaultyDisk, all: ObjectStore): ObjectStore {
  const alive = <T>(work: () => Promise<T>) => (disk.dead ? new Promise<never>(() => {}) : work());
  return new Proxy<ObjectStore>(all, {
    get: (store, name) => {
      const value: unknown = Reflect.get(store, name);
      if (name !== 'put' && name !== 'head') return typeof value === 'function' ? value.bind(store) : value;
      return (...args: unknown[]) =>
        alive(async () => {
          const result = await (value as (...args: unknown[]) => Promise<unknown>).apply(store, args);
          return alive(async () => result);
        });
    },
  });
}
