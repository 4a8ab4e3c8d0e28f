import { open, statfs, unlink } from 'node:fs/promises';
import { join } from 'node:path';

const RESERVE_BYTES = 4 << 20;
/** It is not worth filling a disk for. */
const MIN_FREE_BYTES = 4 * RESERVE_BYTES;

/**
 * Room for a start on a full disk. What fills it is mostly what the store has not taken yet: only a recorder that runs
 * can bring that there, and to run, it has to write a little first.
 */
export async function keepReserve(directory: string): Promise<boolean> {
  const path = pathIn(directory);
  try {
    const { bavail, bsize } = await statfs(directory);
    if (bavail * bsize < MIN_FREE_BYTES) return false;
    await using file = await open(path, 'wx', 0o600);
    // Written, since a hole in a file would reserve nothing.
    await file.writeFile(Buffer.alloc(RESERVE_BYTES));
    await file.sync();
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return true;
    await unlink(path).catch(() => {});
    return false;
  }
}

/** @returns false when there is none */
export async function spendReserve(directory: string): Promise<boolean> {
  return unlink(pathIn(directory)).then(
    () => true,
    () => false,
  );
}

export const isFull = (error: unknown) => ['ENOSPC', 'EDQUOT'].includes(codeOf(error) ?? '');

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code;
const pathIn = (directory: string) => join(directory, 'reserve');
