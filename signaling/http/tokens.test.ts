import { expect } from 'chai';
import { tokenScope } from '../protocol/index.ts';
import type { Browser } from './fixtures/browser.ts';
import { absentId, withIds } from './fixtures/routes-of.ts';
import { useTestApp } from './fixtures/test-app.ts';
import { operations } from './openapi/operations.ts';

describe('API tokens', () => {
  const test = useTestApp();
  let rita: Browser;
  let sessionId: string;
  before(async () => {
    rita = await test.host('rita@example.org');
    sessionId = (await rita.post('/api/v1/sessions', { title: 'Episode 1' })).body.sessionId;
  });

  const make = async (scopes: readonly string[], by = rita, name = 'Editor') => {
    const wanted = { name, scopes, expiresInDays: 30 };
    const { status, body } = await by.post('/api/v1/organization/tokens', wanted);
    expect(status, body.detail).to.equal(201);
    return body as { token: string; tokenId: string; hint: string };
  };
  /** What a program sends: a token, and neither cookies nor an origin. */
  const send = async (token: string, method: string, path: string, body?: unknown) => {
    const response = await fetch(test.origin + path, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    return {
      status: response.status,
      body: isJson && text !== '' ? JSON.parse(text) : text,
      headers: response.headers,
    };
  };
  const audit = async () => (await rita.get('/api/v1/organization/audit')).body.entries;

  it('are shown once, and kept as a hash alone', async () => {
    const { token, tokenId, hint } = await make(['sessions:read']);
    expect(token).to.match(/^cs_[A-Za-z0-9_-]{43}$/);
    const { body } = await rita.get('/api/v1/organization/tokens');
    const listed = body.tokens.find((each: { tokenId: string }) => each.tokenId === tokenId);
    expect(listed).to.include({ name: 'Editor', hint, createdBy: 'Rita', lastUsedAt: null });
    expect(token.endsWith(hint)).to.equal(true);
    expect(JSON.stringify(body)).not.to.contain(token);
    const { rows } = await test.db.owner.query('SELECT t::text AS row FROM app.api_tokens t');
    expect(rows.map(({ row }) => row).join()).not.to.contain(token.slice(3));
  });

  it('open their scope’s routes and no other: tokens × routes', async function () {
    // Every scope asks for every route: more than a thousand requests.
    this.timeout(120_000);
    const tokens = await Promise.all(
      tokenScope.options.map(async scope => ({ scope, ...(await make([scope])) })),
    );
    for (const [route, { scope, needs }] of Object.entries(operations)) {
      const [method = '', path = ''] = route.split(' ');
      const at = `/api/v1${withIds(path, name => (name === 'format' ? 'wav' : absentId))}`;
      for (const { scope: has, token } of tokens) {
        const { status, body } = await send(token, method, at, method === 'GET' ? undefined : {});
        const what = `${has}: ${route}`;
        if (needs === 'nobody') expect(status, what).not.to.equal(403);
        else if (scope === undefined) expect([status, body.code], what).to.deep.equal([403, 'token_refused']);
        else if (scope !== has) expect([status, body.code], what).to.deep.equal([403, 'scope_needed']);
        else expect(status, what).to.be.oneOf([200, 201, 202, 204, 400, 404]);
      }
    }
  });

  it('can never touch people’s roles, tokens, passkeys, webhooks, seats or sign-in', () => {
    const closed = Object.keys(operations).filter(route =>
      / \/(me|sign-|organizations|organization\/(tokens|webhooks|transfer))|members\/|invitations\/accept|host-seat/.test(
        route,
      ),
    );
    expect(closed).to.have.length.greaterThan(25);
    for (const route of closed) expect(operations[route]?.scope, route).to.equal(undefined);
    const writing = Object.entries(operations).filter(
      ([route, { scope }]) => scope && !route.startsWith('GET'),
    );
    for (const [route, { scope }] of writing) expect(scope, route).to.match(/:write$/);
  });

  it('work without cookies, and cookies beside them are not looked at', async () => {
    const { token } = await make(['sessions:read']);
    const { status, body } = await send(token, 'GET', '/api/v1/sessions');
    expect(status).to.equal(200);
    expect(body.sessions.map((each: { title: string }) => each.title)).to.deep.equal(['Episode 1']);
    const both = await rita.send(
      'POST',
      '/api/v1/sessions',
      { title: 'x' },
      { authorization: `Bearer ${token}` },
    );
    expect([both.status, both.body.code]).to.deep.equal([403, 'scope_needed']);
  });

  it('are refused alike when they are mistyped, nobody’s, revoked or have expired', async () => {
    const revoked = await make(['sessions:read']);
    expect((await rita.delete(`/api/v1/organization/tokens/${revoked.tokenId}`)).status).to.equal(204);
    const expired = await make(['sessions:read']);
    await test.db.owner.query(
      `UPDATE app.api_tokens SET expires_at = now() - interval '1 second' WHERE token_id = $1`,
      [expired.tokenId],
    );
    for (const token of [
      revoked.token,
      expired.token,
      `cs_${'A'.repeat(43)}`,
      'cs_',
      'x',
      `${expired.token}A`,
    ]) {
      for (const path of [
        '/api/v1/sessions',
        '/api/v1/me',
        '/api/v1/openapi.json',
        `/api/v1/sessions/${sessionId}`,
      ]) {
        const { status, body, headers } = await send(token, 'GET', path);
        expect([status, body.code], `${token} ${path}`).to.deep.equal([401, 'token_invalid']);
        expect(headers.get('www-authenticate')).to.match(/^Bearer/);
      }
    }
    const gone = await rita.delete(`/api/v1/organization/tokens/${revoked.tokenId}`);
    expect(gone.status).to.equal(404);
  });

  it('reach nothing of another organization', async () => {
    const other = await test.host('zoe@example.org');
    const { token } = await make(['sessions:read', 'sessions:write'], other);
    const foreign = await send(token, 'GET', `/api/v1/sessions/${sessionId}`);
    const absent = await send(token, 'GET', `/api/v1/sessions/${absentId}`);
    expect([foreign.status, foreign.body.code]).to.deep.equal([404, 'not_found']);
    expect(foreign.body.detail).to.equal(absent.body.detail);
    expect((await send(token, 'POST', `/api/v1/sessions/${sessionId}/invitations`)).status).to.equal(404);
  });

  it('stand in the audit log: when they are made and revoked, and by what they do', async () => {
    const { token, tokenId } = await make(['sessions:write'], rita, 'Calendar');
    const { body } = await send(token, 'POST', '/api/v1/sessions', { title: 'By a program' });
    await rita.delete(`/api/v1/organization/tokens/${tokenId}`);
    const [revoked, session, created] = await audit();
    expect(created).to.deep.include({ action: 'token.created', actorName: 'Rita', targetName: 'Calendar' });
    expect(created.details).to.deep.equal({ scopes: 'sessions:write', days: 30 });
    expect(session).to.deep.include({ action: 'session.created', targetId: body.sessionId });
    expect(session).to.deep.include({ actorKind: 'token', actorId: tokenId, actorName: 'Calendar' });
    expect(revoked).to.deep.include({ action: 'token.revoked', actorName: 'Rita', targetId: tokenId });
  });

  it('tell when they were used last, to the hour', async () => {
    const { token, tokenId } = await make(['sessions:read']);
    await send(token, 'GET', '/api/v1/sessions');
    const { body } = await rita.get('/api/v1/organization/tokens');
    const { lastUsedAt } = body.tokens.find((each: { tokenId: string }) => each.tokenId === tokenId);
    expect(lastUsedAt).to.match(/T\d\d:00:00\.000Z$/);
  });

  it('end when whoever made them leaves, is removed, or may make none any more', async () => {
    const endings: ((accountId: string, admin: Browser) => Promise<unknown>)[] = [
      (accountId, admin) => admin.delete(`/api/v1/organization/members/${accountId}`),
      accountId => rita.delete(`/api/v1/organization/members/${accountId}`),
      accountId => rita.patch(`/api/v1/organization/members/${accountId}`, { role: 'member' }),
    ];
    for (const end of endings) {
      const admin = await test.member(rita, 'admin');
      const { accountId } = (await admin.get('/api/v1/me')).body;
      const { token, tokenId } = await make(['sessions:read'], admin);
      expect((await send(token, 'GET', '/api/v1/sessions')).status).to.equal(200);
      await end(accountId, admin);
      expect((await send(token, 'GET', '/api/v1/sessions')).status).to.equal(401);
      const [entry] = await audit();
      expect(entry).to.deep.include({
        action: 'token.revoked',
        targetId: tokenId,
        details: { because: 'maker' },
      });
      // It stays so when they come back.
      await test.db.owner.query(
        `UPDATE app.memberships SET ended_at = NULL, role = 'admin' WHERE account_id = $1`,
        [accountId],
      );
      expect((await send(token, 'GET', '/api/v1/sessions')).status).to.equal(401);
    }
  });

  it('do not work for a maker who is no owner or admin, however that came about', async () => {
    const admin = await test.member(rita, 'admin');
    const { accountId } = (await admin.get('/api/v1/me')).body;
    const { token } = await make(['sessions:read'], admin);
    await test.db.owner.query(`UPDATE app.memberships SET role = 'member' WHERE account_id = $1`, [
      accountId,
    ]);
    expect((await send(token, 'GET', '/api/v1/sessions')).status).to.equal(401);
  });
});
