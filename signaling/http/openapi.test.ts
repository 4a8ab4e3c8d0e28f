import { createTenant, type Tenant } from '@cratersync/db/testing';
import { Validator } from '@seriousme/openapi-schema-validator';
import { expect } from 'chai';
import { StripeServer } from '../../test/support/stripe-server.ts';
import { errors, rest } from '../protocol/index.ts';
import type { Browser } from './fixtures/browser.ts';
import { checkAnswer, checked } from './fixtures/check-answer.ts';
import { absentId, outsideOfApi, routesOf, withIds } from './fixtures/routes-of.ts';
import { useTestApp } from './fixtures/test-app.ts';
import { operationOf, operations } from './openapi/operations.ts';

/**
 * Their good answers take a device, a second person, a mail or a payment: sign-in.test.ts, profile.test.ts, members.test.ts
 * and billing.test.ts have them.
 */
const elsewhere = [
  'POST /sign-in/link 200',
  'POST /me/email-change/confirm 200',
  'POST /sign-in/passkey 200',
  'POST /me/passkeys 204',
  'DELETE /me/passkeys/:credentialId 204',
  'POST /member-invitations/preview 200',
  'POST /member-invitations/accept 200',
  'POST /member-invitations/decline 204',
  'PATCH /organization/billing 200',
  'POST /organization/billing/checkout 201',
  'POST /organization/billing/portal 201',
];

describe('the API’s document', () => {
  let stripe: StripeServer;
  before(async () => {
    stripe = await StripeServer.start();
  });
  after(() => stripe.close());
  const test = useTestApp({
    billing: () => stripe.config,
    worker: (request, response) => {
      response.writeHead(request.headers.range === undefined ? 200 : 206, { 'content-type': 'audio/wav' });
      response.end('RIFF');
    },
  });
  let tenant: Tenant;
  let owner: Browser;
  before(async () => {
    tenant = await createTenant(test.db);
    owner = await test.ownerOf(tenant);
    await test.grant(tenant.organizationId);
  });

  it('has every route that is mounted, and none that is not', () => {
    const mounted = routesOf(test.app).filter(route => !outsideOfApi.includes(route.split(' ')[1] ?? ''));
    const told = Object.keys(operations).map(route => route.replace(' ', ' /api/v1'));
    expect(told.toSorted()).to.deep.equal(mounted.toSorted());
    for (const route of Object.keys(operations)) {
      const [method = '', path = ''] = route.split(' ');
      expect(
        operationOf(
          method,
          withIds(path, () => absentId),
        )?.route,
      ).to.equal(route);
    }
  });

  it('is valid OpenAPI 3.1, and served to everybody', async () => {
    const { status, body, headers } = await test.browser().get('/api/v1/openapi.json');
    expect(status).to.equal(200);
    expect(headers.get('content-type')).to.match(/^application\/json/);
    const result = await new Validator().validate(body);
    expect(result.errors ?? []).to.deep.equal([]);
    expect(result.valid).to.equal(true);
    expect(body.openapi).to.equal('3.1.0');
    expect(body.servers).to.deep.equal([{ url: `${test.origin}/api/v1` }]);
    expect(Object.keys(body.webhooks)).to.include('recording.complete');
    // What a request may hold is what it is parsed by.
    expect(body.components.schemas.CreateSession.properties.title).to.deep.include({
      minLength: 1,
      maxLength: 120,
    });
    expect(body.components.schemas.CreateSession.additionalProperties).to.equal(false);
    expect(body.paths['/sessions'].get.security).to.deep.equal([
      { session: [] },
      { token: ['sessions:read'] },
    ]);
  });

  it('is a page, too, with every route and error on it, and no script', async () => {
    const { body, headers } = await test.browser().get('/api');
    expect(headers.get('content-type')).to.match(/^text\/html/);
    for (const route of Object.keys(operations)) {
      const [, path = ''] = route.split(' ');
      expect(body).to.contain(`<code>${path.replaceAll(/:(\w+)/g, '{$1}')}</code>`);
    }
    expect(body).not.to.match(/<script|style="|https?:\/\/(?!(127\.0\.0\.1|json-schema\.org))/);
    for (const { code } of [errors.notSignedIn(), errors.tokenInvalid(), errors.keyReused()])
      expect(body).to.contain(`<dt id="${code}">`);
    const ids = new Set([...body.matchAll(/id="([^"]+)"/g)].map(([, id]) => id));
    for (const [, target] of body.matchAll(/href="#([^"]+)"/g)) expect(ids).to.include(target);
    expect((await test.browser().get('/api/page.css')).headers.get('content-type')).to.match(/^text\/css/);
  });

  it('tells what the running server answers, route by route', async () => {
    const ids = (name: string) =>
      (
        ({
          ...tenant,
          shareKey: tenant.shareHash.toString('base64url'),
          format: 'wav',
          project: 'otio',
        }) as Record<string, unknown>
      )[name] ?? absentId;
    const path = (route: string, more: Record<string, string> = {}) =>
      `/api/v1${withIds(route, name => more[name] ?? String(ids(name)))}`;
    for (const route of Object.keys(operations).filter(each => each.startsWith('GET '))) {
      const isFile = operations[route]?.query === rest.downloadQuery;
      const isOwn = route.includes('/me/exports/');
      const plain = path(route.slice(4), isOwn ? { exportId: tenant.ownExportId } : {});
      const at = isFile ? test.links.link(isOwn ? tenant.accountId : tenant.organizationId, plain) : plain;
      expect((await owner.get(at)).status, at).to.equal(200);
      if (operations[route]?.answers[206] !== undefined)
        expect((await owner.get(at, { range: 'bytes=2-3' })).status, at).to.equal(206);
    }
    const post = async (route: string, body: unknown = {}, more: Record<string, string> = {}) =>
      (await owner.post(path(route, more), body)).body;

    const { sessionId } = await post('/sessions', { title: 'Episode 2' });
    const { invitationId, url } = await post('/sessions/:sessionId/invitations', {}, { sessionId });
    const token = new URL(url).hash.slice(1);
    await post('/join/preview', { token });
    await post('/join/network', { token, dtlsParameters: {} });
    await post('/sessions/:sessionId/network', { dtlsParameters: {} }, { sessionId });
    await post('/join', { token, displayName: 'Ada' });
    await owner.patch(path('/sessions/:sessionId', { sessionId }), { lobby: true });
    await post('/sessions/:sessionId/host-seat', {}, { sessionId });
    await owner.delete(path('/sessions/:sessionId/invitations/:invitationId', { sessionId, invitationId }));
    const { markerId } = await post('/recordings/:recordingId/markers', { name: 'Intro', atMs: 5 });
    await owner.patch(path('/recordings/:recordingId/markers/:markerId', { markerId }), { name: 'Start' });
    await owner.delete(path('/recordings/:recordingId/markers/:markerId', { markerId }));
    const shared = await post('/recordings/:recordingId/shares', { name: 'Björn' });
    await post('/shared', { token: new URL(shared.url).hash.slice(1) });
    await owner.delete(path('/recordings/:recordingId/shares/:shareId', shared));
    await post('/recordings/:recordingId/stems', { all: true });
    const { renderId } = await post('/recordings/:recordingId/renders', { format: 'mix' });
    await owner.delete(path('/recordings/:recordingId/renders/:renderId', { renderId }));
    for (const held of ['/organization', '/sessions/:sessionId', '/recordings/:recordingId']) {
      await post(`${held}/hold`, { reason: 'Case 7' });
      await owner.delete(path(`${held}/hold`));
    }
    const [notice] = (await owner.get('/api/v1/notices')).body.notices;
    await post('/notices/:noticeId/acknowledgement', {}, notice);
    await owner.patch(path('/organization/keeping'), { retention: { kind: 'days', days: 30 } });
    await owner.delete(path('/recordings/:recordingId'));
    await owner.delete(path('/deletions/:deletionId', { deletionId: tenant.recordingId }));

    const passphrase = 'seven words that nobody knows';
    for (const [route, order] of [
      ['/organization/exports', { what: 'stems', passphrase }],
      ['/me/exports', { passphrase }],
    ] as const) {
      const { exportId } = await post(route, order);
      await owner.delete(path(`${route}/:exportId`, { exportId }));
    }

    const { tokenId } = await post('/organization/tokens', {
      ...{ name: 'Editor', scopes: ['sessions:read'], expiresInDays: 1 },
    });
    await owner.delete(path('/organization/tokens/:tokenId', { tokenId }));
    const wanted = { url: 'https://example.org/hook', events: ['recording.complete'] };
    const { webhookId } = await post('/organization/webhooks', wanted);
    await owner.patch(path('/organization/webhooks/:webhookId', { webhookId }), { enabled: true });
    const { deliveryId } = await post('/organization/webhooks/:webhookId/test', {}, { webhookId });
    await post(
      '/organization/webhooks/:webhookId/deliveries/:deliveryId/replay',
      {},
      { webhookId, deliveryId },
    );
    await owner.delete(path('/organization/webhooks/:webhookId', { webhookId }));

    const keyArn = 'arn:aws:kms:eu-west-3:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';
    await post('/organization/keys', { keyArn, roleArn: null });
    await owner.delete(path('/organization/keys'));

    await owner.patch(path('/organization'), { name: 'Moon Radio' });
    await post('/organization/deletion', { name: 'Moon Radio' });
    await owner.delete(path('/organization/deletion'));
    const { memberInvitationId } = await post('/organization/invitations', {
      ...{ email: 'new@example.org', role: 'member' },
    });
    await owner.delete(path('/organization/invitations/:memberInvitationId', { memberInvitationId }));
    const admin = await test.member(owner, 'admin');
    const { body: me } = await admin.get('/api/v1/me');
    await owner.patch(path('/organization/members/:accountId', me), { role: 'owner' });
    await owner.delete(path('/organization/members/:accountId', me));
    const next = (await (await test.member(owner, 'admin')).get('/api/v1/me')).body;
    await post('/organization/transfer', { accountId: next.accountId });
    await post('/organizations', { name: 'Another', region: 'fr' });
    await post('/organizations/current', { organizationId: tenant.organizationId });

    const leaving = await test.member(owner, 'member');
    const { email } = (await leaving.get('/api/v1/me')).body;
    await leaving.post('/api/v1/me/deletion', { email });
    await (await test.signedIn(email)).delete('/api/v1/me/deletion');
    await post('/me/passkeys/options');
    await post('/me/email-change', { email: 'rita@example.net' });
    await owner.delete(path('/me/email-change'));
    await post('/sign-in/passkey/options');
    await owner.delete(
      path('/me/devices/:deviceId', (await owner.get('/api/v1/me/devices')).body.devices[0]),
    );
    await post('/sign-out');
    await (await test.signedIn('other@example.org')).post('/api/v1/sign-out/everywhere');

    const all = Object.entries(operations).flatMap(([route, { answers }]) =>
      Object.keys(answers).map(status => `${route} ${status}`),
    );
    expect(all.filter(each => !checked.has(each) && !elsewhere.includes(each))).to.deep.equal([]);
  });

  it('is held against each answer that any of these tests gets', () => {
    const type = 'application/json';
    const check = (body: unknown, status = 200) =>
      checkAnswer('GET', '/api/v1/sessions?limit=1', { status, type, body });
    const session = {
      ...{ sessionId: absentId, title: 'x', state: 'live', createdAt: '2026-01-01T00:00:00Z' },
      ...{ startsAt: null, people: ['Ada'] },
    };
    check({ sessions: [session], next: null });
    expect(() => check({ sessions: [{ ...session, secret: 1 }], next: null })).to.throw(
      /additional properties/,
    );
    expect(() => check({ sessions: [{ ...session, title: 1 }], next: null })).to.throw(
      /title must be string/,
    );
    expect(() => check({ sessions: [] })).to.throw(/required property 'next'/);
    expect(() => check({}, 202)).to.throw(/does not name that status/);
    expect(() => check({}, 404)).to.throw(/problem\+json/);
  });
});
