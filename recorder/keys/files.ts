import { randomBytes, randomUUID } from 'node:crypto';
import { open, readdir, readFile, rename, rmdir, utimes } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import {
  isMissing,
  isSystemError,
  makeDirectory,
  syncDirectory,
  syncParents,
  unlinkIfPresent,
  writeDurably,
} from '../store/durable-files.ts';
import { KeysUnavailable } from './keys.ts';

export async function readIfPresent(path: string): Promise<Buffer | null> {
  try {
    return await readFile(path);
  } catch (error) {
    if (isMissing(error) || isNoDirectory(error)) return null;
    throw error;
  }
}

/** A folder of the key store, made where it is missing. */
export async function openFolder(path: string): Promise<void> {
  await makeDirectory(path);
  await syncParents(path, dirname(dirname(path)));
}

/** What is in a folder; nothing where there is none. */
export async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

const isNoDirectory = (error: unknown) => isSystemError(error) && error.code === 'ENOTDIR';

/**
 * Puts other bytes in the place of a small file: before, during and after, one of both is there, whole.
 * @param modified what it says of when it was made
 * @returns false when its directory is gone
 */
export async function replaceDurably(path: string, bytes: Uint8Array, modified?: Date): Promise<boolean> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID()}`);
  try {
    await writeDurably(temporary, bytes);
    if (modified !== undefined) await utimes(temporary, modified, modified);
    await rename(temporary, path);
    await syncDirectory(dirname(path));
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    await unlinkIfPresent(temporary).catch(() => {});
    throw error;
  }
}

/**
 * Wipes the bytes before the name goes. They would lie in free blocks otherwise, or under a temporary name that a
 * crash has left.
 */
export async function destroyFile(path: string): Promise<void> {
  try {
    await using file = await open(path, 'r+');
    const { size } = await file.stat();
    await file.write(randomBytes(size), 0, size, 0);
    await file.sync();
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  if (await unlinkIfPresent(path)) await syncDirectory(dirname(path));
}

/**
 * Destroys a folder's files. It is moved away first: whoever is about to put one in it has nowhere to put it from then on.
 * @param gone where to, beside it; what a process left there that was killed over it is destroyed, too
 */
export async function destroyFolder(folder: string, gone: string): Promise<void> {
  await wipe(gone);
  await rename(folder, gone).catch((error: unknown) => {
    if (!isMissing(error)) throw error;
  });
  await wipe(gone);
}

/** One that is not there, or that another process is wiping, too, is as good. */
async function wipe(folder: string): Promise<void> {
  try {
    for (const name of await readdir(folder)) await destroyFile(join(folder, name));
    await rmdir(folder);
    await syncDirectory(dirname(folder));
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

/** What the disk says becomes a KeysUnavailable. */
export async function explained<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isSystemError(error)) throw error;
    throw new KeysUnavailable(`The key store failed: ${error.message}.`, error);
  }
}
