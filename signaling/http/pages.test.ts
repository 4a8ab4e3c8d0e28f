import { inOrganization, recordings } from '@cratersync/db';
import { createTenant, type Tenant } from '@cratersync/db/testing';
import { expect } from 'chai';
import { recordingId } from '../protocol/index.ts';
import type { Browser } from './fixtures/browser.ts';
import { useTestApp } from './fixtures/test-app.ts';

describe('lists in pages', () => {
  const test = useTestApp();
  let tenant: Tenant;
  let owner: Browser;
  before(async () => {
    tenant = await createTenant(test.db);
    owner = await test.ownerOf(tenant);
    // Many of them in the same instant, as a program makes them.
    const { organizationId, accountId, sessionId, webhookId } = tenant;
    const at = [organizationId, '2026-01-02T03:04:05.678901Z'];
    await test.db.owner.query(
      `INSERT INTO app.sessions (organization_id, created_at, title, created_by)
       SELECT $1, $2, 'Episode ' || n, $3 FROM generate_series(1, 24) n`,
      [...at, accountId],
    );
    await test.db.owner.query(
      `INSERT INTO app.recordings (organization_id, started_at, recording_id, session_id, state, began)
       SELECT $1, $2, gen_random_uuid(), $3, 'incomplete', n > 2 FROM generate_series(1, 26) n`,
      [...at, sessionId],
    );
    await test.db.owner.query(
      `INSERT INTO app.webhook_deliveries (organization_id, created_at, webhook_id, event, payload)
       SELECT $1, $2, $3, 'x', '{}' FROM generate_series(1, 24)`,
      [...at, webhookId],
    );
    await test.db.owner.query(
      `WITH made AS (INSERT INTO app.accounts (email) SELECT 'm' || n || '@example.org' FROM generate_series(1, 24) n
                     RETURNING account_id)
       INSERT INTO app.memberships (organization_id, created_at, account_id, role)
       SELECT $1, $2, account_id, 'member' FROM made`,
      at,
    );
  });

  const lists: Record<string, [path: string, rows: string, id: string]> = {
    sessions: ['/sessions', 'sessions', 'sessionId'],
    recordings: ['/recordings', 'recordings', 'recordingId'],
    members: ['/organization/members', 'members', 'accountId'],
    deliveries: ['/organization/webhooks/:id/deliveries', 'deliveries', 'deliveryId'],
  };

  for (const [name, [path, rows, id]] of Object.entries(lists)) {
    it(`shows all ${name}, each once, however small the pages are`, async () => {
      const at = `/api/v1${path.replace(':id', tenant.webhookId)}`;
      const whole = (await owner.get(at)).body;
      expect(whole.next).to.equal(null);
      expect(whole[rows]).to.have.length(25);
      for (const limit of [1, 7, 25]) {
        const seen: string[] = [];
        let cursor = '';
        let pages = 0;
        do {
          const { body } = await owner.get(`${at}?limit=${limit}${cursor}`);
          expect(body[rows]).to.have.length.within(1, limit);
          seen.push(...body[rows].map((row: Record<string, string>) => row[id]));
          cursor = body.next === null ? '' : `&cursor=${encodeURIComponent(body.next)}`;
          pages += 1;
        } while (cursor !== '');
        expect(seen).to.deep.equal(whole[rows].map((row: Record<string, string>) => row[id]));
        expect(pages).to.equal(Math.ceil(25 / limit));
      }
    });
  }

  it('shows the invitations that wait with the first page of members only', async () => {
    const first = (await owner.get('/api/v1/organization/members?limit=5')).body;
    expect(first.invitations).to.have.length(1);
    const second = (await owner.get(`/api/v1/organization/members?limit=5&cursor=${first.next}`)).body;
    expect(second.invitations).to.deep.equal([]);
  });

  it('leaves out attempts that recorded nothing, as a session’s page does', async () => {
    const { body } = await owner.get(`/api/v1/sessions/${tenant.sessionId}`);
    expect(body.recordings).to.have.length(25);
    const refused = recordingId.parse('00000000-0000-4000-8000-000000000001');
    await inOrganization(test.db.app, tenant.organizationId, async tx => {
      await recordings.insert(tx, {
        recordingId: refused,
        sessionId: tenant.sessionId,
        startedAt: new Date(),
      });
      await recordings.advance(tx, refused, 'incomplete');
    });
    expect((await owner.get('/api/v1/recordings?limit=1')).body.recordings[0].recordingId).not.to.equal(
      refused,
    );
  });

  it('says what is wrong with a cursor or a limit', async () => {
    for (const query of ['cursor=nonsense', 'cursor=', 'limit=0', 'limit=101', 'limit=ten', 'limit=1.5']) {
      for (const path of ['/sessions', '/recordings', '/organization/members', '/organization/audit']) {
        const { status, body } = await owner.get(`/api/v1${path}?${query}`);
        expect(status, `${path} ${query}`).to.equal(400);
        expect(body.detail).to.match(/cursor|limit/);
      }
    }
    const sql = Buffer.from("2026-01-02T03:04:05.678901Z ' OR 1=1").toString('base64url');
    expect((await owner.get(`/api/v1/sessions?cursor=${sql}`)).status).to.equal(400);
  });
});

describe('how much may be asked for', () => {
  const test = useTestApp({ requestsPerMinute: 20 });

  it('stands in the headers of each answer, and what is too much gets 429 with the time to wait', async () => {
    const rita = await test.host('rita@example.org');
    const first = await rita.get('/api/v1/me');
    expect(first.headers.get('ratelimit-policy')).to.equal('"caller";q=20;w=60, "address";q=200;w=60');
    const left = ({ headers }: typeof first) =>
      Number(/^"caller";r=(\d+);t=\d+$/.exec(headers.get('ratelimit') ?? '')?.[1]);
    expect(left(first)).to.be.within(10, 19);
    let answer = first;
    for (let asked = 0; asked < 60 && answer.status === 200; asked += 1)
      answer = await rita.get('/api/v1/me');
    expect(answer.status).to.equal(429);
    expect(answer.body).to.include({ code: 'too_many_requests', retryable: true });
    expect(Number(answer.headers.get('retry-after'))).to.be.within(1, 60);
    expect(left(answer)).to.equal(0);
    // Others go on.
    expect((await (await test.host('zoe@example.org')).get('/api/v1/me')).status).to.equal(200);
  });

  it('is limited for an address, too: new cookies and tokens lead nowhere', async () => {
    const statuses = new Set<number>();
    for (let n = 0; n < 300 && !statuses.has(429); n += 1) {
      const { status } = await test.browser().get('/api/v1/me', { authorization: `Bearer cs_${n}` });
      statuses.add(status);
    }
    expect([...statuses]).to.deep.equal([401, 429]);
  });
});
