import { mkdir, readdir, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import openRollingFile from 'pino-roll';

/** Logs are kept for so long, and no longer: whom they are about has been promised that. */
export const LOG_DAYS = 30;
const DAY_MS = 24 * 60 * 60_000;
const PURGE_EVERY_MS = 60 * 60_000;

/** What a process writes to: `NAME.2026-11-28.1.log`, another one each day. Written at once, so that a crash loses no line. */
export async function openLogFile(directory: string, name: string) {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const file = await openRollingFile({
    file: join(directory, name),
    frequency: 'daily',
    dateFormat: 'yyyy-MM-dd',
    extension: '.log',
    mode: 0o600,
    sync: true,
  });
  await purgeLogs(directory, Date.now());
  setInterval(() => {
    // What could not be purged now is an hour later.
    purgeLogs(directory, Date.now()).catch(() => {});
  }, PURGE_EVERY_MS).unref();
  return file;
}

/** Removes logs into which nothing was written for 30 days, whichever process they are of. */
export async function purgeLogs(directory: string, nowMs: number): Promise<void> {
  for (const name of await readdir(directory)) {
    if (!/^[a-z-]+\.\d{4}-\d{2}-\d{2}\.\d+\.log$/.test(name)) continue;
    const path = join(directory, name);
    // Another process may have been faster.
    const mtimeMs = await stat(path).then(
      found => found.mtimeMs,
      () => nowMs,
    );
    if (nowMs - mtimeMs > LOG_DAYS * DAY_MS) await unlink(path).catch(() => {});
  }
}
