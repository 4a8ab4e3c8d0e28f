import { randomUUID } from 'node:crypto';
import type { Stats } from 'node:fs';
import { link, mkdir, open, opendir, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Files that are whole or absent after a power failure, for the filesystem store and the key store. */

/** A temporary file that nobody has written to for so long was left by a process that died, here or elsewhere. */
const ABANDONED_MS = 10 * 60_000;

/** A new file with these bytes, on disk. Its name is not yet: see `syncDirectory`. */
export async function writeDurably(
  path: string,
  body: Uint8Array | AsyncIterable<Uint8Array>,
): Promise<void> {
  await using file = await open(path, 'wx', 0o600);
  for await (const part of body instanceof Uint8Array ? [body] : body) await file.writeFile(part);
  await file.sync();
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

/** A name that tells `sweep` whose it is. */
export const temporaryName = () => `${process.pid}.${randomUUID()}`;

/**
 * Removes abandoned files whose name `isTemporary`: those of a process that is gone, and old ones. If one is in use
 * after all (by a slow writer, or under another machine's process numbers), that costs its writer a repetition.
 */
export async function sweep(directory: string, isTemporary: (name: string) => boolean): Promise<void> {
  for await (const { name } of await opendir(directory)) {
    if (!isTemporary(name)) continue;
    const path = join(directory, name);
    const found = await statIfPresent(path);
    if (found === null) continue;
    if (isOrphan(name) || Date.now() - found.mtimeMs > ABANDONED_MS) await unlinkIfPresent(path);
  }
}

function isOrphan(name: string): boolean {
  const pid = /^(\d+)\./.exec(name)?.[1];
  if (pid === undefined) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return isSystemError(error) && error.code === 'ESRCH';
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
