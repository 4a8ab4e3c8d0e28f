import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { type Figures, median } from './figures.ts';

const ORGANIZATIONS = 100;
const SESSIONS = 200;
const ROUNDS = 1500;
const WARM_UP = 200;

/** The pages' own queries, and what they need to name when no row-level security names it for them. */
const queries = {
  list: {
    text: `SELECT session_id, title, state, created_at FROM app.sessions WHERE true AND :organization
           ORDER BY created_at DESC, session_id DESC LIMIT 20`,
    what: 'the newest 20 sessions of one of 100 organizations with 200 each',
  },
  one: {
    text: `SELECT session_id, title, state, created_at FROM app.sessions WHERE session_id = $1 AND :organization`,
    what: 'one session by its id',
  },
} as const;

/**
 * The same query in the same transaction, as the application under row-level security and as the tables' owner, who
 * names the organization in the query; by turns, over one connection each.
 */
export async function measureRls(figures: Figures, databaseUrl: string, owner: pg.Client): Promise<void> {
  const { organizationId, sessionId } = await fill(owner);
  const [walled, bare] = [new pg.Client(databaseUrl), new pg.Client(databaseUrl)];
  await Promise.all([walled.connect(), bare.connect()]);
  try {
    await walled.query('SET ROLE cratersync_app');
    for (const [name, { text, what }] of Object.entries(queries)) {
      const values = text.includes('$1') ? [sessionId] : [];
      const timesMs: Record<'walled' | 'bare', number[]> = { walled: [], bare: [] };
      for (let round = 0; round < WARM_UP + ROUNDS; round += 1) {
        const sides = [
          { side: 'walled', client: walled, sql: text.replace('AND :organization', '') },
          {
            side: 'bare',
            client: bare,
            sql: text.replace(':organization', `organization_id = '${organizationId}'`),
          },
        ] as const;
        // Whoever is second finds warmer caches.
        for (const { side, client, sql } of round % 2 === 0 ? sides : sides.toReversed()) {
          const tookMs = await timed(client, sql, values, organizationId);
          if (round >= WARM_UP) timesMs[side].push(tookMs);
        }
      }
      const [withUs, without] = [1000 * median(timesMs.walled), 1000 * median(timesMs.bare)];
      figures.set(`rls_${name}_us`, withUs, `median, with its transaction and scope; ${what}`);
      figures.set(
        `rls_${name}_ratio`,
        withUs / without,
        'by that of the tables’ owner, without row-level security',
      );
    }
  } finally {
    await Promise.all([walled.end(), bare.end()]);
  }
}

async function timed(
  client: pg.Client,
  text: string,
  values: string[],
  organizationId: string,
): Promise<number> {
  const startMs = performance.now();
  await client.query('BEGIN');
  await client.query(`SELECT set_config('app.organization_id', $1, true)`, [organizationId]);
  const { rowCount } = await client.query(text, values);
  await client.query('COMMIT');
  const tookMs = performance.now() - startMs;
  if (rowCount === 0) throw new Error('a query found nothing');
  return tookMs;
}

async function fill(owner: pg.Client): Promise<{ organizationId: string; sessionId: string }> {
  const ids = Array.from({ length: ORGANIZATIONS }, () => randomUUID());
  await owner.query(`INSERT INTO app.accounts (email) VALUES ('owner@bench.example') ON CONFLICT DO NOTHING`);
  await owner.query(
    `INSERT INTO app.organizations (organization_id, name, region) SELECT id, 'Bench', 'ca' FROM unnest($1::uuid[]) id`,
    [ids],
  );
  await owner.query(
    `INSERT INTO app.sessions (organization_id, title, created_by, created_at)
     SELECT id, 'Episode ' || n, (SELECT account_id FROM app.accounts WHERE email = 'owner@bench.example'),
       now() - n * interval '1 hour'
     FROM unnest($1::uuid[]) id, generate_series(1, $2) n`,
    [ids, SESSIONS],
  );
  await owner.query('ANALYZE app.sessions');
  const organizationId = ids[ORGANIZATIONS / 2] ?? '';
  const { rows } = await owner.query(
    'SELECT session_id AS id FROM app.sessions WHERE organization_id = $1 LIMIT 1',
    [organizationId],
  );
  return { organizationId, sessionId: rows[0].id };
}
