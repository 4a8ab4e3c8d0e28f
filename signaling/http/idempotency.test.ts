import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import type { Browser } from './fixtures/browser.ts';
import { useTestApp } from './fixtures/test-app.ts';

describe('Idempotency-Key', () => {
  const test = useTestApp();
  let rita: Browser;
  before(async () => {
    rita = await test.host('rita@example.org');
  });

  const post = (path: string, body: unknown, key: string, by = rita) =>
    by.send('POST', `/api/v1${path}`, body, { 'idempotency-key': key });
  const titles = async () =>
    (await rita.get('/api/v1/sessions')).body.sessions.map((each: { title: string }) => each.title);

  it('makes one thing of a request that is sent twice, and gives the same answer', async () => {
    const key = randomUUID();
    const first = await post('/sessions', { title: 'Once' }, key);
    const second = await post('/sessions', { title: 'Once' }, key);
    expect([first.status, second.status]).to.deep.equal([201, 201]);
    expect(second.body).to.deep.equal(first.body);
    expect(second.headers.get('idempotent-replayed')).to.equal('true');
    expect((await titles()).filter((title: string) => title === 'Once')).to.have.length(1);
  });

  it('makes one thing of ten that are sent at once: the others wait, or get the same', async () => {
    const key = randomUUID();
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => post('/sessions', { title: 'At once' }, key)),
    );
    for (const { status, body, headers } of answers) {
      expect(status).to.be.oneOf([201, 409]);
      if (status === 409) {
        expect(body).to.include({ code: 'idempotency_key_in_use', retryable: true });
        expect(headers.get('retry-after')).to.equal('1');
      }
    }
    expect((await titles()).filter((title: string) => title === 'At once')).to.have.length(1);
    expect((await post('/sessions', { title: 'At once' }, key)).status).to.equal(201);
  });

  it('is refused with another request', async () => {
    const key = randomUUID();
    const { body } = await post('/sessions', { title: 'One' }, key);
    for (const [path, other] of [
      ['/sessions', { title: 'Two' }],
      [`/sessions/${body.sessionId}/invitations`, {}],
    ] as const) {
      const answer = await post(path, other, key);
      expect([answer.status, answer.body.code]).to.deep.equal([422, 'idempotency_key_reused']);
    }
  });

  it('is its sender’s own: another person’s same key is another one', async () => {
    const key = randomUUID();
    const mine = await post('/sessions', { title: 'Mine' }, key);
    const theirs = await post('/sessions', { title: 'Mine' }, key, await test.member(rita, 'member'));
    expect(theirs.status).to.equal(201);
    expect(theirs.body.sessionId).not.to.equal(mine.body.sessionId);
  });

  it('stays free when nothing was made', async () => {
    const key = randomUUID();
    expect((await post('/sessions', { title: '' }, key)).status).to.equal(400);
    expect((await post('/sessions', { title: 'Better' }, key)).status).to.equal(201);
    expect((await post('/sessions', { title: 'x' }, '')).status).to.equal(400);
    expect((await post('/sessions', { title: 'x' }, 'k'.repeat(256))).status).to.equal(400);
  });

  it('is forgotten after a day, and free again a minute after its request died', async () => {
    const [old, dead] = [randomUUID(), randomUUID()];
    await post('/sessions', { title: 'Old' }, old);
    await test.db.owner.query(`UPDATE app.idempotency_keys SET started_at = now() - interval '25 hours'`);
    expect((await post('/sessions', { title: 'New' }, old)).body.title).to.equal('New');
    await post('/sessions', { title: 'Dead' }, dead);
    await test.db.owner.query(`UPDATE app.idempotency_keys SET status = NULL, answer = NULL`);
    expect((await post('/sessions', { title: 'Dead' }, dead)).status).to.equal(409);
    await test.db.owner.query(`UPDATE app.idempotency_keys SET started_at = now() - interval '2 minutes'`);
    expect((await post('/sessions', { title: 'Dead' }, dead)).status).to.equal(201);
  });

  it('gives a link that is shown once again, and a copy of the database does not', async () => {
    const { body } = await rita.post('/api/v1/sessions', { title: 'Linked' });
    const key = randomUUID();
    const first = await post(`/sessions/${body.sessionId}/invitations`, {}, key);
    const second = await post(`/sessions/${body.sessionId}/invitations`, {}, key);
    expect(second.body.url).to.equal(first.body.url);
    const secret = new URL(first.body.url).hash.slice(1);
    const { rows } = await test.db.owner.query(
      `SELECT t::text || encode(answer, 'escape') AS row FROM app.idempotency_keys t WHERE answer IS NOT NULL`,
    );
    expect(rows).to.have.length.greaterThan(0);
    const dump = rows.map(({ row }) => row).join();
    expect(dump).not.to.contain(secret).and.not.to.contain(Buffer.from(secret).toString('hex'));
  });
});
