import { readFileSync } from 'node:fs';

/** Linux's USER_HZ: what /proc counts CPU time in. */
const TICKS_PER_SECOND = 100;

/** User and system time that a process has used, all its threads together, µs (proc(5): utime and stime). */
export function cpuUsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name of the program stands in brackets and may hold anything; state is field 3.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[11]) + Number(fields[12])) * 1_000_000) / TICKS_PER_SECOND;
}

/** What a process holds in memory, MiB. */
export function rssMbOf(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes) / 1024;
}

const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);

export const cpuUs = (pids: readonly number[]) => sum(pids.map(cpuUsOf));
export const rssMb = (pids: readonly number[]) => sum(pids.map(rssMbOf));
