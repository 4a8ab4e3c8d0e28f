import { createHash } from 'node:crypto';
import { createTenant, type Tenant } from '@cratersync/db/testing';
import { expect } from 'chai';
import { StripeServer } from '../../test/support/stripe-server.ts';
import { memberRole, type OrganizationId, rest } from '../protocol/index.ts';
import { allowed, goodBodies, open } from './fixtures/access.ts';
import type { Answer, Browser } from './fixtures/browser.ts';
import { operator } from './fixtures/operator.ts';
import { absentId, routesOf, withIds } from './fixtures/routes-of.ts';
import { useTestApp } from './fixtures/test-app.ts';
import { operations } from './openapi/operations.ts';

describe('who may ask for what', function () {
  this.timeout(120_000);
  let stripe: StripeServer;
  before(async () => {
    stripe = await StripeServer.start();
  });
  after(() => stripe.close());
  const test = useTestApp({
    devInboxUrl: 'http://127.0.0.1:9',
    billing: () => stripe.config,
    publicPages: { OPERATOR_FILE: operator },
  });
  let rita: Browser;
  let theirs: Tenant;
  let guarded: string[];
  let organizationId: OrganizationId;
  before(async () => {
    rita = await test.host('rita@example.org');
    theirs = await createTenant(test.db);
    organizationId = (await rita.get('/api/v1/me')).body.organization.organizationId;
    await test.grant(organizationId);
    guarded = routesOf(test.app).filter(route => !open.includes(route));
  });

  /** Sends what would be a good body to each route, so that only the person can be what it refuses. */
  function send(browser: Browser, route: string, idOf: (name: string) => string) {
    const [method = '', path = ''] = route.split(' ');
    const body = method === 'GET' ? undefined : (goodBodies[route] ?? {});
    const url = withIds(path, idOf);
    // A link of the asker's own organization: it is not the link that is to refuse them.
    const isFile = operations[route.replace('/api/v1', '')]?.query === rest.downloadQuery;
    return browser.send(method, isFile ? test.links.link(organizationId, url) : url, body);
  }

  it('states for every route who may use it', () => {
    expect(guarded.toSorted()).to.deep.equal(Object.keys(allowed).toSorted());
  });

  it('tells in the API’s document what is stated here', () => {
    for (const [route, { needs }] of Object.entries(operations)) {
      const full = route.replace(' ', ' /api/v1');
      const stated = open.includes(full) ? 'nobody' : allowed[full];
      expect(needs === 'account' ? 'member' : needs, route).to.equal(stated);
    }
  });

  it('lets each role do what is stated for it, and no more', async () => {
    const people = {
      owner: rita,
      admin: await test.member(rita, 'admin'),
      member: await test.member(rita, 'member'),
    };
    // Last, what changes who is asking.
    const routes = guarded.filter(route => route !== 'POST /api/v1/sign-out/everywhere');
    const roles = memberRole.options;
    for (const role of roles) {
      const browser = people[role];
      for (const route of routes) {
        // One of them founds an organization, in which everybody is owner.
        browser.cookies.delete('cratersync-organization');
        const { status, body } = await send(browser, route, name => (name === 'format' ? 'wav' : absentId));
        // The mightiest are first.
        const isRefused = roles.indexOf(role) > roles.indexOf(allowed[route] ?? 'owner');
        const what = `${role}: ${route}`;
        if (isRefused) expect([status, body.code], what).to.deep.equal([403, 'forbidden']);
        else expect(status, what).not.to.be.oneOf([401, 403]);
      }
    }
  });

  it('refuses everybody who is not signed in, before looking at anything else', async () => {
    const forged = test.browser();
    forged.cookies.set('cratersync-session', 'A'.repeat(43));
    for (const route of guarded) {
      for (const browser of [test.browser(), forged]) {
        const { status, body } = await send(browser, route, () => absentId);
        expect({ status, code: body.code }, route).to.deep.equal({ status: 401, code: 'not_signed_in' });
      }
    }
  });

  it('refuses whoever was signed in: expired, idle for too long, signed out, or signed out from elsewhere', async () => {
    const email = 'gone@example.org';
    const tokenOf = (browser: Browser) => browser.cookies.get('cratersync-session') ?? '';
    const hash = (browser: Browser) => createHash('sha256').update(tokenOf(browser)).digest();
    const gone: Record<string, Browser> = {};
    for (const how of ['expired', 'idle', 'signed out', 'signed out elsewhere'])
      gone[how] = await test.host(email);
    const { expired, idle } = gone;
    if (expired === undefined || idle === undefined) throw new Error('nobody is there');
    const set = (change: string, browser: Browser) =>
      test.db.owner.query(`UPDATE app.web_sessions SET ${change} WHERE token_hash = $1`, [hash(browser)]);
    await set('expires_at = now()', expired);
    await set(`last_seen_at = now() - interval '15 days'`, idle);
    for (const path of ['/api/v1/sign-out', '/api/v1/sign-out/everywhere']) {
      const leaving = path.endsWith('out') ? gone['signed out'] : gone['signed out elsewhere'];
      const copy = test.browser();
      for (const [name, value] of leaving?.cookies ?? []) copy.cookies.set(name, value);
      expect((await copy.post(path)).status).to.equal(204);
    }
    for (const route of guarded) {
      for (const [how, browser] of Object.entries(gone)) {
        const { status, body } = await send(browser, route, () => absentId);
        expect([status, body.code], `${how}: ${route}`).to.deep.equal([401, 'not_signed_in']);
      }
    }
  });

  it('lets nobody change anything in an organization that is to be deleted, and all of it be read', async () => {
    const owner = await test.host('closing@example.org');
    const { body: me } = await owner.get('/api/v1/me');
    const { organizationId: closing, name } = me.organization;
    expect((await owner.post('/api/v1/organization/deletion', { name })).status).to.equal(202);
    // What is one's own, or another organization.
    const isOwn = (route: string) =>
      / \/api\/v1\/(me|sign-out|member-invitations|organizations)\b/.test(route) ||
      route === 'POST /api/v1/organization/deletion' ||
      // What must not be deleted is told while it can be.
      route.endsWith('/hold');
    const undo = 'DELETE /api/v1/organization/deletion';
    for (const route of guarded.filter(
      each => each !== 'POST /api/v1/sign-out/everywhere' && each !== undo,
    )) {
      owner.cookies.set('cratersync-organization', closing);
      const { status, body } = await send(owner, route, each => (each === 'format' ? 'wav' : absentId));
      const isOpen = route.startsWith('GET') || isOwn(route);
      if (isOpen)
        expect(body.code, route).not.to.be.oneOf(['organization_closing', 'not_signed_in', 'forbidden']);
      else expect([status, body.code], route).to.deep.equal([403, 'organization_closing']);
    }
    owner.cookies.set('cratersync-organization', closing);
    expect((await send(owner, undo, () => absentId)).status).to.equal(200);
    expect((await owner.post('/api/v1/sessions', { title: 'Open again' })).status).to.equal(201);
  });

  it('refuses a guest, whose credential is for one seat in one room', async () => {
    const { body: session } = await rita.post('/api/v1/sessions', { title: 'With a guest' });
    const { body: link } = await rita.post(`/api/v1/sessions/${session.sessionId}/invitations`);
    const guest = test.browser();
    const token = String(link.url).split('#')[1];
    const { body: seat } = await guest.post('/api/v1/join', { token, displayName: 'Zoë' });
    const posing = test.browser();
    posing.cookies.set('cratersync-session', seat.credential);
    for (const route of guarded) {
      for (const browser of [guest, posing])
        expect((await send(browser, route, () => session.sessionId)).status, route).to.equal(401);
      const [method = '', path = ''] = route.split(' ');
      const headers = { authorization: `Bearer ${seat.credential}` };
      const url = withIds(path, () => session.sessionId);
      expect((await guest.send(method, url, undefined, headers)).status, route).to.equal(401);
    }
  });

  it('leaves whoever was removed what is their own, and nothing of the organization', async () => {
    const left = await test.member(rita, 'admin');
    const { body: me } = await left.get('/api/v1/me');
    expect((await rita.delete(`/api/v1/organization/members/${me.accountId}`)).status).to.equal(204);
    const isOwn = (route: string) => / \/api\/v1\/(me|sign-out|member-invitations)\b/.test(route);
    for (const route of guarded.filter(each => each !== 'POST /api/v1/sign-out/everywhere')) {
      const { status, body } = await send(left, route, () => absentId);
      if (isOwn(route)) expect(status, route).not.to.be.oneOf([401, 403]);
      else expect([status, body.code], route).to.deep.equal([409, 'conflict']);
    }
  });

  it('is open to everybody, whoever they are, where it says so', async () => {
    const { body: session } = await rita.post('/api/v1/sessions', { title: 'Open' });
    const stranger = await test.host('stranger@example.org');
    // What would change who is asking comes last, to somebody else.
    const routes = open.filter(route => route.startsWith('POST') && route !== 'POST /api/v1/sign-out');
    for (const route of routes) {
      for (const browser of [test.browser(), stranger, rita]) {
        const { status } = await send(browser, route, () => session.sessionId);
        // What is sent is empty.
        expect(status, route).to.be.oneOf([200, 400, 404]);
      }
    }
    expect((await stranger.post('/api/v1/sign-out')).status).to.equal(204);
    expect((await test.browser().post('/api/v1/sign-out')).status).to.equal(204);
  });

  it('answers the ids of another organization, absent ids and what is no id alike', async () => {
    const idsOf = (tenant: Tenant) => (name: string) => {
      const { sessionId, invitationId, recordingId, stemId, renderId, accountId } = tenant;
      const { tokenId, webhookId, deliveryId, deletionId, shareId, exportId } = tenant;
      const ids: Record<string, string> = {
        sessionId,
        invitationId,
        recordingId,
        stemId,
        accountId,
        renderId,
        tokenId,
        webhookId,
        deliveryId,
        deletionId,
        shareId,
        exportId,
        format: 'wav',
        project: 'otio',
      };
      return ids[name] ?? absentId;
    };
    for (const route of guarded.filter(each => each.includes(':'))) {
      const foreign = await send(rita, route, idsOf(theirs));
      expect(foreign.status, route).to.equal(404);
      const absent = await send(rita, route, name => ({ format: 'wav', project: 'otio' })[name] ?? absentId);
      const said = ({ body: { requestId: _, ...body } }: Answer) => body;
      expect([absent.status, said(absent)], route).to.deep.equal([foreign.status, said(foreign)]);
      const garbage = await send(rita, route, () => 'x%27--');
      expect([garbage.status, garbage.body.code], route).to.deep.equal([404, 'not_found']);
    }
    const { body } = await rita.get('/api/v1/sessions');
    expect(body.sessions.map((session: { title: string }) => session.title)).not.to.include('Episode 1');
  });

  it('refuses state changes from another site', async () => {
    const changing = routesOf(test.app).filter(r => !r.startsWith('GET'));
    const origins: Record<string, string>[] = [
      { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { 'sec-fetch-site': 'cross-site', origin: test.origin },
      { 'sec-fetch-site': 'same-site', origin: test.origin },
    ];
    for (const route of changing) {
      const [method = '', path = ''] = route.split(' ');
      for (const headers of origins) {
        const { status, body } = await rita.send(
          method,
          withIds(path, () => absentId),
          {},
          headers,
        );
        expect({ status, code: body.code }, route).to.deep.equal({ status: 403, code: 'cross_origin' });
      }
    }
  });
});
