import { execFile, spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

const installer = resolve(import.meta.dirname, '..', '..', 'infra', 'dev', 'install-packages.sh');

export interface Syncs {
  perS: number;
  /** How long one takes. */
  meanMs: number;
}

/**
 * Counts the fsync and fdatasync calls of a process and its threads with strace, which slows the process down.
 * @throws when strace cannot be had, or may not look
 */
export async function countSyncs(pid: number, windowMs: number): Promise<Syncs> {
  await promisify(execFile)(installer, ['to count syncs', 'strace']);
  const trace = ['-f', '-q', '-c', '-w', '-e', 'trace=fsync,fdatasync', '-p', String(pid)];
  const strace = spawn('strace', trace, { stdio: ['ignore', 'ignore', 'pipe'] });
  const said = text(strace.stderr);
  await delay(windowMs);
  strace.kill('SIGINT');
  const summary = await said;
  // Columns: % time, seconds, µs a call, calls, errors or nothing, syscall.
  const rows = [...summary.matchAll(/^\s*[\d.]+\s+([\d.]+)\s+\d+\s+(\d+).*\s(?:fsync|fdatasync)$/gm)];
  if (rows.length === 0) throw new Error(`strace saw no sync: ${summary.trim()}`);
  const sum = (column: number) => rows.reduce((total, row) => total + Number(row[column]), 0);
  const [seconds, calls] = [sum(1), sum(2)];
  return { perS: calls / (windowMs / 1000), meanMs: (1000 * seconds) / calls };
}
