import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import type { Figures } from './figures.ts';

const root = resolve(import.meta.dirname, '..', '..');
const STOP_LIMIT_MS = 15_000;

/** `make start` in a fresh clone, which has neither node_modules nor a built client, and once more in the same. */
export async function measureStart(figures: Figures): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'cratersync-start-'));
  try {
    const clone = join(folder, 'clone');
    await promisify(execFile)('git', ['clone', '--quiet', root, clone]);
    const worker = (await hasMediaWorker()) ? 'a media worker in the cache' : 'no media worker in the cache';
    const said = `make start until it is ready; a fresh clone, ${worker}, npm’s own cache as it was`;
    figures.set('make_start_first_s', await timeStart(clone, folder), said);
    figures.set('make_start_second_s', await timeStart(clone, folder), 'the same, once more');
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Its cache is outside the checkout: infra/mediasoup-worker/ensure.sh. */
async function hasMediaWorker(): Promise<boolean> {
  if (process.env['MEDIASOUP_WORKER_BIN'] !== undefined) return true;
  const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'cratersync');
  const names = await readdir(cache).catch(() => []);
  return names.some(name => name.startsWith('mediasoup-worker-'));
}

async function timeStart(clone: string, folder: string): Promise<number> {
  const startMs = performance.now();
  // In a process group of its own, so that all it starts can be told to stop as Ctrl-C does it.
  const env = { ...environment(), PORT: '0', DATA_DIR: join(folder, 'data') };
  const make = spawn('make', ['start'], {
    cwd: clone,
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const { pid } = make;
  if (pid === undefined) throw new Error('make could not be started');
  const said: string[] = [];
  const ready = new Promise<void>((resolve, reject) => {
    for (const input of [make.stdout, make.stderr])
      createInterface({ input }).on('line', line => {
        said.push(line);
        if (line.startsWith('CraterSync is ready at')) resolve();
      });
    make.once('exit', code =>
      reject(new Error(`make start ended with code ${code}:\n${said.slice(-20).join('\n')}`)),
    );
  });
  await ready;
  const tookS = (performance.now() - startMs) / 1000;
  const ended = once(make, 'close');
  process.kill(-pid, 'SIGINT');
  const late = setTimeout(() => process.kill(-pid, 'SIGKILL'), STOP_LIMIT_MS);
  await ended;
  clearTimeout(late);
  return tookS;
}

/** A shell's environment, without what this checkout and this run of make have put into it. */
function environment(): NodeJS.ProcessEnv {
  const { MAKEFLAGS: _flags, MAKELEVEL: _level, MFLAGS: _mflags, ...env } = process.env;
  const path = (env['PATH'] ?? '').split(delimiter).filter(entry => !entry.startsWith(root));
  return { ...env, PATH: path.join(delimiter) };
}
