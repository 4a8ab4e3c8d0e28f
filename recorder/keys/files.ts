import { readFile } from 'node:fs/promises';
import { isMissing, isSystemError } from '../store/durable-files.ts';
import { KeysUnavailable } from './keys.ts';

export async function readIfPresent(path: string): Promise<Buffer | null> {
  try {
    return await readFile(path);
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
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
