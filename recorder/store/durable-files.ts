import { randomUUID } from 'node:crypto';
import type { Stats } from 'node:fs';
import { link, mkdir, open, opendir, stat, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** Files that are whole or absent after a power failure, for the filesystem store and the key store. */

/** A temporary file that nobody has written to for so long was left by a process that died. */
const ABANDONED_MS = 10 * 60_000;

/** A new file with these bytes, on disk. Its name is not yet: see `syncDirectory`. */
export async function writeDurably(path: string, parts: AsyncIterable<Uint8Array>): Promise<void> {
  await using file = await open(path, 'wx', 0o600);
  for await (const part of parts) await file.writeFile(part);
  await file.sync();
}

/**
 * Creates a small file by way of a temporary one beside it, whose name begins with a dot.
 * @returns false when something has that name already
 */
export async function createDurably(path: string, bytes: Uint8Array): Promise<boolean> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID()}`);
  try {
    await writeDurably(
      temporary,
      (async function* () {
        yield bytes;
      })(),
    );
    const created = await linkIfAbsent(temporary, path);
    // Also when it was there: whoever made it may have died before this.
    await syncDirectory(dirname(path));
    return created;
  } finally {
    await unlinkIfPresent(temporary);
  }
}

/** @returns false when something has that name already */
export async function linkIfAbsent(existing: string, path: string): Promise<boolean> {
  try {
    await link(existing, path);
    return true;
  } catch (error) {
    if (isSystemError(error) && error.code === 'EEXIST') return false;
    throw error;
  }
}

/** Makes a directory and its parents, for this user alone. @returns whether it was missing */
export async function makeDirectory(path: string): Promise<boolean> {
  return (await mkdir(path, { recursive: true, mode: 0o700 })) !== undefined;
}

/** Makes the names of a directory and of its parents below `root` durable. */
export async function syncParents(path: string, root: string): Promise<void> {
  for (let at = path; at !== root; at = dirname(at)) await syncDirectory(dirname(at));
}

/** Makes what was created, linked or removed in a directory durable. */
export async function syncDirectory(path: string): Promise<void> {
  await using directory = await open(path);
  await directory.sync();
}

/** Removes abandoned files whose name `isTemporary`. One still in use by a slow writer costs it a repetition. */
export async function sweep(directory: string, isTemporary: (name: string) => boolean): Promise<void> {
  for await (const { name } of await opendir(directory)) {
    if (!isTemporary(name)) continue;
    const path = join(directory, name);
    const found = await statIfPresent(path);
    if (found !== null && Date.now() - found.mtimeMs > ABANDONED_MS) await unlinkIfPresent(path);
  }
}

export async function statIfPresent(path: string): Promise<Stats | null> {
  try {
    return await stat(path);
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

/** @returns whether it was there */
export async function unlinkIfPresent(path: string): Promise<boolean> {
  try {
    await unlink(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/** What the operating system refused, as opposed to an error of ours. */
export const isSystemError = (error: unknown): error is NodeJS.ErrnoException & { code: string } =>
  error instanceof Error && 'syscall' in error && 'code' in error;

export const isMissing = (error: unknown) => isSystemError(error) && error.code === 'ENOENT';
