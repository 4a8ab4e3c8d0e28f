import type { Database } from '@cratersync/db';
import type { rest } from './protocol/index.ts';
import type { Rooms } from './rooms/rooms.ts';

type Process = rest.Health['processes'][string];
const READY: Process = { ready: true, reason: null };
const CHECK_TIMEOUT_MS = 2000;

/** What /healthz says: one line a process, with the reason of each that is not ready. */
export async function health(parts: {
  db: Database;
  rooms: Rooms;
  workerUrl: string;
  inboxUrl: string | undefined;
}): Promise<rest.Health> {
  const { db, rooms, workerUrl, inboxUrl } = parts;
  const [database, worker, inbox] = await Promise.all([
    checked(() => db.ping(), 'the database does not answer'),
    checked(() => answers(`${workerUrl}/healthz`), 'the recorder worker does not answer'),
    inboxUrl === undefined
      ? null
      : checked(() => answers(`${inboxUrl}/messages`), 'the inbox does not answer'),
  ]);
  const processes: rest.Health['processes'] = {
    signaling: READY,
    database,
    sfu: rooms.sfus.connected ? READY : { ready: false, reason: 'no SFU node has dialled in' },
    recorder: rooms.recorders.connected ? READY : { ready: false, reason: 'no recorder has dialled in' },
    worker,
    ...(inbox === null ? {} : { inbox }),
  };
  return { ok: Object.values(processes).every(process => process.ready), processes };
}

async function answers(url: string): Promise<void> {
  const response = await fetch(url, { signal: AbortSignal.timeout(CHECK_TIMEOUT_MS) });
  await response.body?.cancel();
  if (!response.ok) throw new Error(`status ${response.status}`);
}

async function checked(check: () => Promise<unknown>, reason: string): Promise<Process> {
  try {
    await check();
    return READY;
  } catch {
    return { ready: false, reason };
  }
}
