import type { Database } from '@cratersync/db';
import type { Region, rest } from './protocol/index.ts';
import type { Rooms } from './rooms/rooms.ts';

type Process = rest.Health['processes'][string];
const READY: Process = { ready: true, reason: null };
const CHECK_TIMEOUT_MS = 2000;

/** What /healthz says: one line a process, with the reason of each that is not ready. */
export async function health(parts: {
  db: Database;
  rooms: Rooms;
  /** Those that have nodes of their own; null: any node will do. */
  regions: readonly Region[] | null;
  workerUrls: readonly string[];
  inboxUrl: string | undefined;
}): Promise<rest.Health> {
  const { db, rooms, regions, workerUrls, inboxUrl } = parts;
  const [database, worker, inbox] = await Promise.all([
    checked(() => db.ping(), 'the database does not answer'),
    checked(
      () => Promise.all(workerUrls.map(url => answers(`${url}/healthz`))),
      'the recorder worker does not answer',
    ),
    inboxUrl === undefined
      ? null
      : checked(() => answers(`${inboxUrl}/messages`), 'the inbox does not answer'),
  ]);
  const processes: rest.Health['processes'] = {
    signaling: READY,
    database,
    sfu: present(rooms.sfus, 'no SFU node', regions),
    recorder: present(rooms.recorders, 'no recorder', regions),
    worker,
    ...(inbox === null ? {} : { inbox }),
  };
  return { ok: Object.values(processes).every(process => process.ready), processes };
}

function present(
  nodes: Rooms['sfus' | 'recorders'],
  none: string,
  regions: readonly Region[] | null,
): Process {
  const missing = (regions ?? [null]).find(region => !nodes.serves(region));
  if (missing === undefined) return READY;
  return {
    ready: false,
    reason: `${none}${missing === null ? '' : ` of the region ${missing}`} has dialled in`,
  };
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
