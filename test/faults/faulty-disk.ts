import { cp, type FileHandle, open, readdir, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { OpenFile } from '@cratersync/recorder/journal';
import { noise } from '../support/rtp.ts';
import type { Random } from './seeds.ts';

type Operation = 'open' | 'write' | 'sync';

/**
 * The disk under one recorder: does what files do, fails when it is told to, and dies when the machine does. What was
 * written but not synced by then is cut off at any byte, or garbled.
 */
export class FaultyDisk {
  /** What it throws is the disk's answer. Counted from 1. */
  before: (operation: Operation, count: number) => void | Promise<void> = () => {};
  readonly #durable = new Map<number, number>();
  readonly #under = new Set<Promise<unknown>>();
  #operations = 0;
  readonly #files = new Set<FileHandle>();
  readonly #died = Promise.withResolvers<void>();
  #dead = false;
  #doom: { count: number; during: boolean } | null = null;

  get dead(): boolean {
    return this.#dead;
  }

  /** Resolves when it dies. */
  get death(): Promise<void> {
    return this.#died.promise;
  }

  readonly openFile: OpenFile = async (path, flags, mode) => {
    return this.#do('open', async () => {
      const file = await open(path, flags, mode);
      const { ino } = await file.stat();
      this.#durable.set(ino, 0);
      this.#files.add(file);
      this.#wrap(file, ino);
      return file;
    });
  };

  /** Nothing that is asked from now on is ever answered. Resolves when what was under way is over. */
  async die(): Promise<void> {
    this.#die();
    while (this.#under.size > 0) await Promise.allSettled(this.#under);
    for (const file of this.#files) await file.close();
    this.#files.clear();
  }

  /** The machine dies when its disk has been asked so often, counted from now: before it does that, or during it. */
  doom(count: number, during: boolean): void {
    this.#doom = { count: this.#operations + count, during };
  }

  /** Copies `directory` as the dead machine finds it when it starts again. */
  async salvage(directory: string, into: string, random: Random): Promise<void> {
    const names = (await readdir(directory, { recursive: true })).sort();
    await cp(directory, into, { recursive: true });
    for (const name of names) {
      const { ino, size } = await stat(join(directory, name));
      const durable = this.#durable.get(ino);
      if (durable === undefined || durable >= size) continue;
      const kept = random.int(durable, size);
      if (random.chance(0.5)) await truncate(join(into, name), kept);
      else await garble(join(into, name), kept, size, random);
    }
  }

  #die(): void {
    this.#dead = true;
    this.#died.resolve();
  }

  #wrap(file: FileHandle, ino: number): void {
    const { writev, write, writeFile, datasync, sync } = file;
    const wrote = <A extends unknown[], R>(work: (...args: A) => Promise<R>) =>
      ((...args: A) => this.#do('write', () => work.apply(file, args))) as never;
    file.writev = wrote(writev as (...args: unknown[]) => Promise<unknown>);
    file.write = wrote(write as (...args: unknown[]) => Promise<unknown>);
    file.writeFile = wrote(writeFile as (...args: unknown[]) => Promise<unknown>);
    const synced = (work: () => Promise<void>) => async () => {
      await this.#do('sync', async () => {
        const { size } = await file.stat();
        await work.call(file);
        this.#durable.set(ino, size);
      });
    };
    file.datasync = synced(datasync);
    file.sync = synced(sync);
  }

  async #do<T>(operation: Operation, work: () => Promise<T>): Promise<T> {
    if (this.#dead) return new Promise<never>(() => {});
    this.#operations += 1;
    if (this.#operations === this.#doom?.count) {
      this.#die();
      if (!this.#doom.during) return new Promise<never>(() => {});
    }
    const doing = (async () => {
      await this.before(operation, this.#operations);
      return work();
    })();
    this.#under.add(doing);
    try {
      return await doing;
    } finally {
      this.#under.delete(doing);
      if (this.#dead) await new Promise<never>(() => {});
    }
  }
}

/** Of what was not synced, some pages reached the disk and some did not. */
async function garble(path: string, from: number, to: number, random: Random): Promise<void> {
  const file = await open(path, 'r+');
  const bytes = random.int(1, to - from || 1);
  await file.write(noise(bytes, random.int(1, 2 ** 31)), 0, bytes, from);
  await file.close();
}

/** Fills a file system until it takes no more. @returns the path of what fills it */
export async function fill(directory: string, roomBytes = 0): Promise<string> {
  const path = join(directory, 'ballast');
  await writeFile(path, '');
  const file = await open(path, 'a');
  try {
    for (const bytes of [1 << 16, 1 << 12, 1]) {
      const block = Buffer.alloc(bytes, 1);
      try {
        for (;;) if ((await file.write(block)).bytesWritten < bytes) break;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      }
    }
    if (roomBytes > 0) await file.truncate((await file.stat()).size - roomBytes);
  } finally {
    await file.close();
  }
  return path;
}
