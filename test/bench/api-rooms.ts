import type { Stack } from '@cratersync/infra/dev';
import type { Socket } from 'socket.io-client';
import { ApiClient, say, sitDown } from '../support/api.ts';
import { type Figures, percentile } from './figures.ts';
import { cpuUsOf } from './usage.ts';

const SESSIONS = 50;
const PEOPLE = 4;
const ROUNDS = 2;

/**
 * How long somebody waits until they can send and hear media: their socket is connected, they are in the room, and the
 * SFU has made both of their transports. Everybody else stays in their rooms meanwhile, and hears of them.
 */
export async function measureRooms(figures: Figures, stack: Stack): Promise<void> {
  const rita = await ApiClient.signedIn(stack.url, 'host@example.org', 'Host');
  const tokens: string[] = [];
  for (let n = 0; n < SESSIONS; n += 1) tokens.push((await rita.session(`Live ${n}`)).token);
  const live: Socket[] = [];
  try {
    for (const [n, token] of tokens.entries())
      for (let person = 0; person < PEOPLE; person += 1)
        live.push((await join(rita, token, `Guest ${n}.${person}`)).socket);
    const cpuBefore = cpuUsOf(pidOf(stack, 'signaling')) + cpuUsOf(pidOf(stack, 'sfu'));
    const oneByOne: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1)
      for (const token of tokens) oneByOne.push(await joinAndLeave(rita, token));
    const cpuUs = cpuUsOf(pidOf(stack, 'signaling')) + cpuUsOf(pidOf(stack, 'sfu')) - cpuBefore;
    const atOnce = await Promise.all(tokens.map(token => joinAndLeave(rita, token)));
    const what = `from the socket’s start until both transports are there; ${SESSIONS} sessions of ${PEOPLE} people are live`;
    figures.set('join_to_ready_p50_ms', percentile(oneByOne, 50), `median, one after another; ${what}`);
    figures.set('join_to_ready_p99_ms', percentile(oneByOne, 99), `99 of 100, of ${oneByOne.length}`);
    figures.set(
      'join_to_ready_burst_p99_ms',
      percentile(atOnce, 99),
      `when ${SESSIONS} join at once, one in each session`,
    );
    figures.set(
      'join_cpu_ms',
      cpuUs / 1000 / oneByOne.length,
      'CPU of signaling and the SFU for one who joins and leaves',
    );
    const connected = live.filter(socket => socket.connected).length;
    if (connected !== SESSIONS * PEOPLE) throw new Error(`only ${connected} people are still there`);
  } finally {
    for (const socket of live) socket.close();
  }
}

async function join(
  api: ApiClient,
  token: string,
  name: string,
): Promise<{ socket: Socket; tookMs: number }> {
  const seat = await api.guestSeat(token, name);
  const startMs = performance.now();
  const socket = sitDown(api.url, seat);
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('connect_error', reject);
  });
  good(await say(socket, 'join', { resume: [] }));
  const transports = (['send', 'receive'] as const).map(direction =>
    say(socket, 'transport.create', { direction }),
  );
  for (const answer of await Promise.all(transports)) good(answer);
  return { socket, tookMs: performance.now() - startMs };
}

async function joinAndLeave(api: ApiClient, token: string): Promise<number> {
  const { socket, tookMs } = await join(api, token, 'Late');
  good(await say(socket, 'leave', {}));
  socket.close();
  return tookMs;
}

function good(answer: unknown): void {
  if (typeof answer !== 'object' || answer === null || !('ok' in answer))
    throw new Error(`refused: ${JSON.stringify(answer)}`);
}

function pidOf(stack: Stack, name: string): number {
  const pid = stack.pid(name);
  if (pid === undefined) throw new Error(`${name} is down`);
  return pid;
}
