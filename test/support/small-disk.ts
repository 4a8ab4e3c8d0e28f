import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Only root may mount a disk of its own. */
export const canMount = process.getuid?.() === 0;

/** A disk in memory that is soon full, at a path. @param size as of tmpfs: 16k, 8m @returns what takes it away again */
export async function mountSmallDisk(path: string, size: string): Promise<() => Promise<void>> {
  await mkdir(path, { recursive: true });
  await run('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', path]);
  return async () => {
    await run('umount', [path]);
  };
}
