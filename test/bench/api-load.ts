import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import autocannon from 'autocannon';
import type { Figures } from './figures.ts';

const CONNECTIONS = 10;
const SECONDS = 10;

export interface Load {
  perSecond: number;
  p99Ms: number;
}

/** Ten connections that each ask again as soon as they are answered. @throws when an answer is not a good one */
export async function load(
  url: string,
  request: Omit<autocannon.Request, 'path'>,
  limit: { seconds?: number; amount?: number } = {},
): Promise<Load> {
  const { seconds = SECONDS, amount } = limit;
  const result = await autocannon({
    url,
    connections: CONNECTIONS,
    ...(amount === undefined ? { duration: seconds } : { amount }),
    requests: [request],
  });
  const bad = result.non2xx + result.errors + result.timeouts;
  if (bad > 0) throw new Error(`${url}: ${bad} of ${result.requests.total} requests got no good answer`);
  return { perSecond: result.requests.total / result.duration, p99Ms: result.latency.p99 };
}

/** What Express alone needs for the same answer, in a process of its own. */
export async function loadBareExpress(body: unknown): Promise<Load> {
  const program = fileURLToPath(new URL('./bare-express.ts', import.meta.url));
  const child = fork(program, [JSON.stringify(body)], {
    execArgv: ['--disable-warning=ExperimentalWarning'],
  });
  try {
    const [port] = await once(child, 'message');
    return await load(`http://127.0.0.1:${port}/`, { method: 'GET' });
  } finally {
    child.disconnect();
    await once(child, 'exit');
  }
}

export function setLoad(figures: Figures, name: string, { perSecond, p99Ms }: Load, what: string): void {
  figures.set(`${name}_per_s`, perSecond, what);
  figures.set(`${name}_p99_ms`, p99Ms, 'the same: 99 of 100 took no longer');
}
