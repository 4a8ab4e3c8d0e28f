import type { Stack } from '@cratersync/infra/dev';
import { startStack } from '@cratersync/infra/dev';
import { startMailServer } from '@cratersync/signaling/testing';
import pg from 'pg';
import { until } from '../support/until.ts';
import { type Figures, percentile } from './figures.ts';

const LETTERS = 1000;
const CODES = 100;
const LANES = 4;
/** Before the mail server says that it has taken a message. */
const SLOW_MS = 200;

/** How long a sign-in code takes to the mail server, which is slow: with nothing else to be sent, and behind a thousand letters. */
export async function measureMail(figures: Figures, dataDir: string): Promise<void> {
  const arrivedMs = new Map<string, number>();
  const server = await startMailServer(0, {
    hold: message => {
      const to = /^To: (\S+)\r$/m.exec(message)?.[1] ?? '';
      arrivedMs.set(to, performance.now());
      return new Promise(resolve => setTimeout(resolve, SLOW_MS));
    },
  });
  const env = {
    ...{ ...process.env, LOG_LEVEL: 'warn', API_REQUESTS_PER_MINUTE: '1000000' },
    ...{ SMTP_HOST: '127.0.0.1', SMTP_PORT: String(server.port) },
  };
  const stack = await startStack({ env, dataDir, port: 0 });
  const owner = new pg.Client(stack.databaseUrl);
  await owner.connect();
  try {
    await askForCodes(stack, 'warm-up', 20, arrivedMs);
    const idle = await askForCodes(stack, 'idle', CODES, arrivedMs);
    await queueLetters(owner);
    await until(async () => arrivedMs.has('letter-1@example.org'));
    const busy = await askForCodes(stack, 'busy', CODES, arrivedMs);
    const { rows } = await owner.query('SELECT count(*)::int AS left FROM graphile_worker.jobs');
    const what = `from the request to the mail server, which takes ${SLOW_MS} ms for a message; ${CODES} codes, ${LANES} at a time`;
    figures.set('code_idle_p50_ms', percentile(idle, 50), `a sign-in code, ${what}`);
    figures.set('code_idle_p99_ms', percentile(idle, 99), '99 of 100');
    figures.set('code_busy_p50_ms', percentile(busy, 50), `the same with ${LETTERS} letters in the queue`);
    figures.set('code_busy_p99_ms', percentile(busy, 99), '99 of 100');
    figures.set(
      'code_busy_ratio',
      percentile(busy, 50) / percentile(idle, 50),
      'by that with an empty queue',
    );
    figures.set('code_busy_p99_ratio', percentile(busy, 99) / percentile(idle, 99), 'the same, 99 of 100');
    figures.set('letters_left', rows[0].left, 'letters that still waited when the last code had left');
  } finally {
    await owner.end();
    await stack.stop();
    await server.close();
  }
}

/** @returns how long each took, in ms */
async function askForCodes(
  stack: Stack,
  name: string,
  count: number,
  arrivedMs: ReadonlyMap<string, number>,
): Promise<number[]> {
  const tookMs: number[] = [];
  let next = 0;
  const lane = async () => {
    for (let n = next++; n < count; n = next++) {
      const email = `${name}-${n}@example.org`;
      const startMs = performance.now();
      // Each from an address of its own: how many codes one address may ask for is limited.
      const headers = { 'content-type': 'application/json', 'x-forwarded-for': `192.0.2.${n}` };
      const body = JSON.stringify({ email });
      const answer = await fetch(`${stack.url}/api/v1/sign-in/codes`, { method: 'POST', headers, body });
      const atMs = arrivedMs.get(email);
      if (answer.status !== 202 || atMs === undefined) throw new Error(`no code: ${answer.status}`);
      tookMs.push(atMs - startMs);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return tookMs;
}

const queueLetters = (owner: pg.Client) =>
  owner.query(
    `WITH readers AS (
       INSERT INTO app.accounts (email) SELECT 'letter-' || n || '@example.org' FROM generate_series(1, $1) n
       RETURNING account_id)
     SELECT graphile_worker.add_job('send-letter', json_build_object('accountId', account_id, 'to', account_id,
       'letter', json_build_object('kind', 'organization-kept', 'organizationName', 'Moon Radio', 'by', 'Rita')))
     FROM readers`,
    [LETTERS],
  );
