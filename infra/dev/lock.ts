import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, ftruncateSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { StartError, systemErrorCode } from './start-error.ts';

/** Longer than any process of a stack takes to stop. */
const leftoversLimitMs = 12_000;

export interface DataDirLock {
  /** Hand this descriptor to every process that uses the folder: the lock lasts until the last of them is gone. */
  fd: number;
  /** Idempotent. */
  release(): void;
}

/**
 * Makes `dataDir` if need be and takes it for this stack alone. The lock is flock(2) on an open file: the
 * kernel drops it with the last holder, also after SIGKILL or a power cut, so it can never be stale.
 * If a killed launcher's processes are still finishing their work, says so with `onWait` and waits for them.
 * @throws StartError
 */
export async function lockDataDir(dataDir: string, onWait: () => void): Promise<DataDirLock> {
  const file = path.join(dataDir, 'lock');
  const fd = open(dataDir, file);
  try {
    const deadlineMs = Date.now() + leftoversLimitMs;
    for (let attempt = 0; !(await tryLock(fd)); attempt += 1) {
      const launcher = Number(readFileSync(file, 'utf8'));
      if (isAlive(launcher) || Date.now() > deadlineMs) throw taken(dataDir, launcher);
      if (attempt === 0) onWait();
      await delay(250);
    }
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  ftruncateSync(fd);
  writeSync(fd, `${process.pid}\n`);
  let isHeld = true;
  const release = () => {
    // Closed once: by now the number may belong to another file.
    if (isHeld) closeSync(fd);
    isHeld = false;
  };
  return { fd, release };
}

function taken(dataDir: string, launcher: number): StartError {
  return new StartError(
    `Another CraterSync (process ${launcher}) is running on ${dataDir}. Stop it, or choose another DATA_DIR.`,
  );
}

function open(dataDir: string, file: string): number {
  try {
    mkdirSync(dataDir, { recursive: true });
    return openSync(file, 'a+', 0o600);
  } catch (error) {
    const reasons: Record<string, string> = {
      EACCES: 'this user may not write there',
      EROFS: 'the file system is read-only',
      ENOSPC: 'the disk is full',
      ENOTDIR: 'a part of that path is a file',
      EEXIST: 'it is a file, not a folder',
    };
    const code = systemErrorCode(error) ?? 'unknown reason';
    throw new StartError(
      `DATA_DIR=${dataDir} cannot be used: ${reasons[code] ?? code}. Choose a folder that this user may write to.`,
      error,
    );
  }
}

/** Node has no flock; the command locks the open file that it inherits from us, and ends. */
async function tryLock(fd: number): Promise<boolean> {
  const child = spawn('flock', ['--nonblock', '3'], { stdio: ['ignore', 'ignore', 'ignore', fd] });
  const [code] = await once(child, 'exit');
  return code === 0;
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemErrorCode(error) === 'EPERM';
  }
}
