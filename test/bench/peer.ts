import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { mixed, type Outgoing, type Target, type Traffic } from './traffic.ts';
import { cpuUs } from './usage.ts';

/** A program that many others record RTP with. It writes plain files, and neither encrypts nor uploads. */
export interface Peer {
  name: string;
  /** What Debian calls it. */
  packages: string[];
  /** Starts receiving at `targets`, one for each track, and writing to `folder`. */
  start(outgoing: readonly Outgoing[], targets: readonly Target[], folder: string): Promise<Running>;
}

export interface Running {
  /** Every process that takes part. */
  pids: number[];
  /** Ends it so that its files are whole. */
  stop(): Promise<void>;
}

export interface PeerLoad {
  cpuUsPerPacket: number;
  /** What is in its files, of the bytes that were sent to it. */
  writtenShare: number;
}

const installer = resolve(import.meta.dirname, '..', '..', 'infra', 'dev', 'install-packages.sh');

/** Installs the peer where it is missing. @throws when that is not possible, saying what to install */
export async function install(peer: Peer): Promise<void> {
  try {
    await promisify(execFile)(installer, [`to compare with ${peer.name}`, ...peer.packages]);
  } catch (error) {
    const lines = (error as { stderr: string }).stderr.trim().split('\n');
    throw new Error(lines.at(-1), { cause: error });
  }
}

const START_LIMIT_MS = 20_000;
const STOP_LIMIT_MS = 10_000;

/** The same packets as `loadRecorder` sends, into a peer. */
export async function loadPeer(
  traffic: Traffic,
  peer: Peer,
  options: { tracks: number; warmUpMs: number; windowMs: number },
): Promise<PeerLoad> {
  const folder = await mkdtemp(join(tmpdir(), 'cratersync-peer-'));
  const outgoing = await traffic.open(mixed(options.tracks));
  try {
    const targets = await freeTargets(outgoing.length);
    const running = await peer.start(outgoing, targets, folder);
    await traffic.start(outgoing, targets);
    await delay(options.warmUpMs);
    const [before, cpuBeforeUs] = [await traffic.count(), cpuUs(running.pids)];
    await delay(options.windowMs);
    const [after, cpuAfterUs] = [await traffic.count(), cpuUs(running.pids)];
    const { payloadBytes } = await traffic.stop();
    await delay(500);
    await running.stop();
    return {
      cpuUsPerPacket: (cpuAfterUs - cpuBeforeUs) / (after.packets - before.packets),
      writtenShare: (await bytesIn(folder)) / payloadBytes,
    };
  } finally {
    await traffic.stop();
    // What did not get as far as to be stopped.
    for (const child of launched) child.kill('SIGKILL');
    await rm(folder, { recursive: true });
  }
}

async function bytesIn(folder: string): Promise<number> {
  const names = await readdir(folder, { withFileTypes: true });
  const sizes = names
    .filter(entry => entry.isFile())
    .map(async entry => (await stat(join(folder, entry.name))).size);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

/** UDP ports that were free a moment ago: an even one for RTP, and the next for RTCP. */
async function freeTargets(count: number): Promise<Target[]> {
  const targets: Target[] = [];
  for (let port = 20_000; targets.length < count; port += 2) {
    if (port > 60_000) throw new Error('there are not enough free UDP ports');
    if ((await isFree(port)) && (await isFree(port + 1)))
      targets.push({ ip: '127.0.0.1', port, rtcpPort: port + 1 });
  }
  return targets;
}

async function isFree(port: number): Promise<boolean> {
  const socket = createSocket('udp4');
  try {
    socket.bind(port, '127.0.0.1');
    await once(socket, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    socket.close();
  }
}

/** None of them outlives us. */
const launched = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of launched) child.kill('SIGKILL');
});

/** Starts a program. What it said is told by `stop` if it ended before that. */
export function launch(program: string, args: string[]): { pid: number; stop(): Promise<void> } {
  const child: ChildProcess = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr?.on('data', (part: Buffer) => {
    said = (said + part.toString()).slice(-2000);
  });
  launched.add(child);
  let stopping = false;
  let fault: Error | null = null;
  const ended = once(child, 'exit').then(([code]) => {
    launched.delete(child);
    if (!stopping) fault = new Error(`${program} ended with code ${code}: ${said.trim()}`);
  });
  return {
    pid: child.pid ?? 0,
    async stop() {
      stopping = true;
      child.kill('SIGINT');
      const late = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
      await ended;
      clearTimeout(late);
      if (fault !== null) throw fault;
    },
  };
}

/** Resolves when all these UDP ports are taken. */
export async function bound(targets: readonly Target[]): Promise<void> {
  const startMs = performance.now();
  for (const { port } of targets) {
    while (await isFree(port)) {
      if (performance.now() - startMs > START_LIMIT_MS) throw new Error(`nothing listens at port ${port}`);
      await delay(20);
    }
  }
}
