import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** What infra/deploy/backup.sh writes; a name that ends otherwise is not whole yet. */
const BACKUP = /^database-[\dTZ-]+\.dump$/;

/** The newest backup of the database in a directory; null when there is none. @throws when it cannot be read */
export async function newestBackup(directory: string): Promise<{ name: string; atMs: number } | null> {
  const names = (await readdir(directory)).filter(name => BACKUP.test(name));
  const found = await Promise.all(
    names.map(async name => ({ name, atMs: (await stat(join(directory, name))).mtimeMs })),
  );
  return found.toSorted((a, b) => b.atMs - a.atMs)[0] ?? null;
}
