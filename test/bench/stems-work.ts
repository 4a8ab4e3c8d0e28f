import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { nodeOptionsOf } from '@cratersync/infra/dev';
import { openKeys } from '@cratersync/recorder/keys';
import { openStore } from '@cratersync/recorder/store';
import {
  identity,
  journal,
  opusInfo,
  participant,
  storeRecording,
  type TestTrack,
} from '@cratersync/recorder/testing';
import { type Clips, repeated } from './clips.ts';

/** People who talk all the time. All of them send the same; it lies in memory once. */
export function talk({ audio }: Clips, people: number, seconds: number): TestTrack[] {
  const info = opusInfo(1);
  // What a real sender's clock does has to be resampled out, as always.
  const records = journal(repeated(audio, seconds - 1), info, { startS: 0.5, skewPpm: 40 });
  return Array.from({ length: people }, (_, person) => ({ person, source: 'mic', info, records }));
}

/** Puts a recording into a folder's store, for `work` to be done on. */
export async function fill(folder: string, tracks: TestTrack[], seconds: number): Promise<void> {
  const store = await openStore({ DATA_DIR: folder });
  const keys = await openKeys({ DATA_DIR: folder });
  const sessionKey = await keys.createSessionKey(identity, identity.recordingId);
  const people = tracks.map(({ person }) => participant(person + 1));
  await storeRecording(store, sessionKey, identity, people, tracks, seconds * 1e6);
  await store.close();
}

export interface Cost {
  /** User and system time, with that of its children. */
  cpuS: number;
  told: Record<string, number>;
}

const program = [...nodeOptionsOf('worker'), join(import.meta.dirname, 'stems-process.ts')];

/** A piece of a worker's work, in a process of its own with the worker's own options. */
export const work = (mode: string, folder: string): Promise<Cost> =>
  costOf(process.execPath, [...program, mode, folder]);

export async function costOf(command: string, args: string[]): Promise<Cost> {
  const timed = `TIMEFORMAT='%U %S'; time "$@"`;
  const child = spawn('bash', ['-c', timed, 'bash', command, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const [output, log, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ]);
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}: ${log}`);
  const [user = Number.NaN, system = Number.NaN] = (log.trim().split('\n').at(-1) ?? '')
    .split(' ')
    .map(Number);
  const last = output.trim().split('\n').at(-1) ?? '';
  return { cpuS: user + system, told: last.startsWith('{') ? JSON.parse(last) : {} };
}
