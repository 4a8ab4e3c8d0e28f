import { randomUUID } from 'node:crypto';
import { basename, dirname, join } from 'node:path';
import { loadAddonIfThere } from '../addon.ts';
import { linkIfAbsent, syncDirectory, unlinkIfPresent, writeDurably } from './durable-files.ts';

/** publish-file.c says what it does. */
interface Addon {
  publish(temporary: string, path: string, directory: string, bytes: Uint8Array): Promise<boolean>;
}

export const publishAddon = loadAddonIfThere<Addon>(join(import.meta.dirname, 'publish-file.c'));

/**
 * Gives a whole, synced file its name, which is durable then too.
 * @param temporary a name in the same file system, free before and after
 * @param body bytes in memory, or what yields them; throwing, it leaves nothing behind
 * @param native null: without the addon, with the same result
 * @returns false when something has that name already
 * @throws what the system refuses, as Node tells it
 */
export async function publishFile(
  temporary: string,
  path: string,
  body: Uint8Array | AsyncIterable<Uint8Array>,
  native: Addon | null = publishAddon,
): Promise<boolean> {
  if (native !== null && body instanceof Uint8Array)
    return native.publish(temporary, path, dirname(path), body);
  try {
    await writeDurably(temporary, body);
    const created = await linkIfAbsent(temporary, path);
    // Also when it was there: whoever made it may have died before this.
    await syncDirectory(dirname(path));
    return created;
  } finally {
    await unlinkIfPresent(temporary);
  }
}

/** The same for a few bytes; the temporary file is beside it, and its name begins with a dot. */
export function createDurably(path: string, bytes: Uint8Array): Promise<boolean> {
  return publishFile(join(dirname(path), `.${basename(path)}.${randomUUID()}`), path, bytes);
}
