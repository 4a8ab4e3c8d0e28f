import { setTimeout as delay } from 'node:timers/promises';
import { RecorderProcess } from './recorder-process.ts';
import { mixed, type Traffic } from './traffic.ts';
import { cpuUsOf, rssMbOf } from './usage.ts';

export interface LoadOptions {
  tracks: number;
  /** Counted from the first packet. Chunks are sealed and uploaded every 10 s, from 10 s on. */
  warmUpMs: number;
  /** Whole tens of seconds, so that it holds its share of uploads. */
  windowMs: number;
  speed?: number;
  /** Begins with the window and is waited for at its end. */
  during?: (pid: number, windowMs: number) => Promise<void>;
}

export interface Load {
  /** User and system time of the recorder in the window, by the RTP packets sent in it, µs. */
  cpuUsPerPacket: number;
  /** Of one core, in the window. */
  cpuShare: number;
  packetsSent: number;
  /** Sent, but not in the stored recording. */
  packetsLost: number;
  /** Of them, those that came too late: they still waited in a port when it was closed. */
  packetsUnread: number;
  /** Before the first track. */
  idleRssMb: number;
  /** About one a second, over the window. */
  rssMb: number[];
  /** From stopping until the manifest was stored and told. */
  finalizeMs: number;
  /** How late the sender was at worst. */
  behindMs: number;
}

/** A recorder that keeps pace has read its ports by then. */
const DRAIN_MS = 1000;

/** Lets a recorder of its own record so many tracks, half microphones and half cameras. */
export async function loadRecorder(traffic: Traffic, options: LoadOptions): Promise<Load> {
  const recorder = await RecorderProcess.launch();
  try {
    return await underLoad(recorder, traffic, options);
  } finally {
    await recorder.close();
  }
}

async function underLoad(
  recorder: RecorderProcess,
  traffic: Traffic,
  { tracks, warmUpMs, windowMs, speed = 1, during }: LoadOptions,
): Promise<Load> {
  const { pid } = recorder;
  const idleRssMb = rssMbOf(pid);
  const ids = await recorder.open();
  const outgoing = await traffic.open(mixed(tracks));
  const targets = await Promise.all(outgoing.map(each => recorder.track(ids, each)));
  await traffic.start(outgoing, targets, speed);
  await delay(warmUpMs);
  const [before, cpuBeforeUs, startMs] = [await traffic.count(), cpuUsOf(pid), performance.now()];
  const watching = during?.(pid, windowMs);
  const rssMb: number[] = [];
  for (let leftMs = windowMs; leftMs > 0; leftMs = startMs + windowMs - performance.now()) {
    await delay(Math.min(leftMs, 1000));
    rssMb.push(rssMbOf(pid));
  }
  const [after, cpuAfterUs, endMs] = [await traffic.count(), cpuUsOf(pid), performance.now()];
  await watching;
  const { packets: packetsSent } = await traffic.stop();
  await delay(DRAIN_MS);
  const { manifest, tookMs } = await recorder.finish(ids);
  const total = (counter: 'packetsReceived' | 'packetsLost') =>
    manifest.tracks.reduce((sum, { counters }) => sum + counters[counter], 0);
  const packetsLost = packetsSent - total('packetsReceived');
  const cpuUs = cpuAfterUs - cpuBeforeUs;
  return {
    cpuUsPerPacket: cpuUs / (after.packets - before.packets),
    cpuShare: cpuUs / 1000 / (endMs - startMs),
    packetsSent,
    packetsLost,
    packetsUnread: packetsLost - total('packetsLost'),
    idleRssMb,
    rssMb,
    finalizeMs: tookMs,
    behindMs: after.behindMs,
  };
}

export const mean = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
