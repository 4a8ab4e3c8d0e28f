import {
  asAccount,
  type Database,
  inOrganization,
  openDatabase,
  unscoped,
  withCapability,
} from '@cratersync/db';
import { createTenant, createTestDatabase, type Tenant, type TestDatabase } from '@cratersync/db/testing';
import { createLog } from '@cratersync/infra/runtime';
import { expect } from 'chai';
import type pg from 'pg';
import { cancelRequest, PgBouncer } from '../support/pgbouncer.ts';
import { seededRandom } from '../support/random.ts';
import { capabilities, capabilityKinds, scopeSettings } from './catalogue.ts';

/** How many transactions each test runs; `make soak` runs more. */
const TRANSACTIONS = Number(process.env['TRANSACTIONS'] ?? 3_000);
const AT_ONCE = 24;

/** Whose rows a transaction saw, and what was in scope: nobody else's, whatever ran on that connection before. */
interface Seen {
  settings: string;
  organizations: string[];
}

const settings = scopeSettings.map(name => `nullif(current_setting('${name}', true), '')`);
const LOOK = `SELECT concat_ws('|', ${settings.join(', ')}) AS settings,
  ARRAY(SELECT organization_id FROM app.sessions UNION SELECT organization_id FROM app.memberships
    UNION SELECT organization_id FROM app.participants UNION SELECT organization_id FROM app.member_invitations
    UNION SELECT organization_id FROM app.shares
    ORDER BY 1)::text[] AS organizations`;

interface Querying {
  one<Row>(text: string): Promise<Row>;
  change(text: string): Promise<number>;
}
const look = (tx: Querying) => tx.one<Seen>(LOOK);

const gaveUp = new Error('given up in the middle');

/** Each kind of transaction that our processes run, and some that go wrong: what it saw, beside what it may see. */
const kinds: ((db: Database, tenant: Tenant) => Promise<{ seen: Seen; may: Seen }>)[] = [
  async (db, { organizationId }) => {
    const seen = await inOrganization(db, organizationId, look);
    return { seen, may: { settings: organizationId, organizations: [organizationId] } };
  },
  async (db, { organizationId }) => {
    const seen = await inOrganization(db, organizationId, async tx => {
      // Without a condition: the walls alone keep it to one tenant's row.
      expect(await tx.change('UPDATE app.sessions SET state = state')).to.equal(1);
      return look(tx);
    });
    return { seen, may: { settings: organizationId, organizations: [organizationId] } };
  },
  async (db, { accountId, organizationId }) => {
    const seen = await asAccount(db, accountId, look);
    return { seen, may: { settings: accountId, organizations: [organizationId] } };
  },
  ...capabilityKinds.map(kind => async (db: Database, tenant: Tenant) => {
    const hash = capabilities[kind](tenant);
    const seen = await withCapability(db, { kind, hash }, look);
    return { seen, may: { settings: hash.toString('hex'), organizations: [tenant.organizationId] } };
  }),
  async db => ({ seen: await unscoped(db, look), may: { settings: '', organizations: [] } }),
  async db => {
    const { rows } = await db.pool.query<Seen>(LOOK);
    const [seen] = rows;
    if (seen === undefined) throw new Error('no row');
    return { seen, may: { settings: '', organizations: [] } };
  },
  async (db, { organizationId }) =>
    inOrganization(db, organizationId, async tx => {
      await look(tx);
      throw gaveUp;
    }),
  async (db, { organizationId }) =>
    inOrganization(db, organizationId, async tx => {
      await tx.query('SELECT 1 / 0');
      throw new Error('divided by zero');
    }),
  // Long enough to be cancelled in the middle, or after it has answered.
  async (db, { organizationId }) => {
    const seen = await inOrganization(db, organizationId, async tx => {
      await tx.query('SELECT count(*) FROM generate_series(1, 20000)');
      return look(tx);
    });
    return { seen, may: { settings: organizationId, organizations: [organizationId] } };
  },
];

describe('walls between tenants: connections that many share', function () {
  this.timeout(600_000);
  let test: TestDatabase;
  let tenants: Tenant[];
  before(async () => {
    test = await createTestDatabase();
    tenants = [];
    for (let i = 0; i < 5; i += 1) tenants.push(await createTenant(test));
  });
  after(() => test.close());

  it('leak nothing through a small pool, with cancelled queries among the rest', () =>
    holds({ url: test.appUrl, connections: 3 }));

  it('leak nothing through PgBouncer in transaction mode, either', async () => {
    const pooler = await PgBouncer.start(test.ownerUrl, { serverConnections: 2 });
    try {
      await holds({ url: pooler.through(test.appUrl), connections: 8 });
    } finally {
      await pooler.close();
    }
  });

  async function holds({ url, connections }: { url: string; connections: number }): Promise<void> {
    const db = openDatabase({ url, max: connections, log: createLog('test', 'silent') });
    const clients = new Set<pg.PoolClient>();
    db.pool.on('connect', client => clients.add(client)).on('remove', client => clients.delete(client));
    const random = seededRandom(20_26);
    const pick = <T>(from: readonly T[]): T => {
      const one = from[Math.floor(random() * from.length)];
      if (one === undefined) throw new Error('nothing to pick from');
      return one;
    };
    const ended = { well: 0, wrong: 0, cancelled: 0 };
    const leaks: unknown[] = [];
    let left = TRANSACTIONS;
    const transactOn = async () => {
      while (left > 0) {
        left -= 1;
        if (left % 20 === 0) await cancelRequest(url, numbersOf(pick([...clients])));
        try {
          const { seen, may } = await pick(kinds)(db, pick(tenants));
          ended.well += 1;
          if (seen.settings !== may.settings || String(seen.organizations) !== String(may.organizations))
            leaks.push({ seen, may });
        } catch (error) {
          ended[howItEnded(error)] += 1;
        }
      }
    };
    await pick(kinds.slice(0, 1))(db, pick(tenants));
    await Promise.all(Array.from({ length: AT_ONCE }, transactOn));
    await db.close();
    expect(leaks).to.deep.equal([]);
    expect(ended.well).to.be.greaterThan(TRANSACTIONS / 2);
    expect(ended.cancelled, 'cancelled').to.be.greaterThan(0);
    expect(ended.wrong, 'failed on purpose').to.be.greaterThan(0);
  }
});

/** @throws what no transaction here is expected to end with */
function howItEnded(error: unknown): 'wrong' | 'cancelled' {
  if (error === gaveUp) return 'wrong';
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === '22012') return 'wrong';
  // db/database.ts says so of 57014, query_canceled; the pool itself does not translate.
  if (code === 'timed_out' || code === '57014') return 'cancelled';
  throw error;
}

/** What the server gave a connection to be cancelled with; pg keeps them, untyped. */
function numbersOf(client: pg.PoolClient): { processID: number; secretKey: number } {
  const { processID, secretKey } = client as unknown as { processID: number; secretKey: number };
  return { processID, secretKey };
}
