import { audit, inOrganization } from '@cratersync/db';
import type { Tenant } from '@cratersync/db/testing';
import { createTenant } from '@cratersync/db/testing';
import { expect } from 'chai';
import type { Browser } from './fixtures/browser.ts';
import { useTestApp } from './fixtures/test-app.ts';

const inDays = (iso: string) => (Date.parse(iso) - Date.now()) / 86_400_000;

describe('how long recordings are kept', function () {
  this.timeout(60_000);
  const test = useTestApp();
  let tenant: Tenant;
  let rita: Browser;
  let member: Browser;

  beforeEach(async () => {
    tenant = await createTenant(test.db);
    rita = await test.ownerOf(tenant);
    member = await test.memberOf(tenant, `${tenant.organizationId}@example.org`);
    // A member of an organization of the same name, otherwise.
    member.cookies.set('cratersync-organization', tenant.organizationId);
  });

  const keep = (days: number) =>
    rita.patch('/api/v1/organization/keeping', { retention: { kind: 'days', days } });
  const keeping = async () => (await rita.get('/api/v1/organization/keeping')).body;
  const recording = async () => (await rita.get(`/api/v1/recordings/${tenant.recordingId}`)).body;
  const session = async () => (await rita.get(`/api/v1/sessions/${tenant.sessionId}`)).body;
  const actions = async () =>
    (await inOrganization(test.db.app, tenant.organizationId, tx => audit.list(tx, {}, 100)))
      .map(({ action, target, details }) => `${action} ${target.kind} ${JSON.stringify(details)}`)
      .filter(line => /^(keeping|hold)/.test(line));

  it('is for ever, until an owner or admin says otherwise, which is written down and looked after', async () => {
    expect(await keeping()).to.deep.equal({ retention: { kind: 'forever' }, plan: null, hold: null });
    expect((await recording()).keeping).to.deep.equal({ until: null, isByPlan: false, hold: null });
    const { status, body } = await keep(30);
    expect([status, body.retention]).to.deep.equal([200, { kind: 'days', days: 30 }]);
    await keep(30);
    expect(inDays((await recording()).keeping.until)).to.be.within(29.9, 30.1);
    expect(await actions()).to.deep.equal(['keeping.changed organization {"days":30}']);
    const { rows } = await test.db.owner.query('SELECT FROM graphile_worker.jobs WHERE key = $1', [
      `apply-retention:${tenant.organizationId}:`,
    ]);
    expect(rows.length).to.equal(1);
    const refused = await member.patch('/api/v1/organization/keeping', { retention: { kind: 'forever' } });
    expect(refused.status).to.equal(403);
  });

  it('is a whole number of days, of a week at least, and says so', async () => {
    for (const [days, words] of [
      [6, /7 days at least/],
      [0, /7 days at least/],
      [3651, /3650 days at most/],
      [7.5, /whole number/],
    ] as const) {
      const { status, body } = await keep(days);
      expect([status, body.detail], String(days)).to.satisfy(
        ([code, detail]: [number, string]) => code === 400 && words.test(detail),
      );
    }
    expect((await keeping()).retention).to.deep.equal({ kind: 'forever' });
  });

  it('may be another for a session, new or not, said by an owner or admin, and by no token', async () => {
    await keep(30);
    expect(await session()).to.deep.include({
      ...{
        retention: { kind: 'organization' },
        hold: null,
        kept: { days: 30, isByPlan: false, isHeld: false },
      },
    });
    const path = `/api/v1/sessions/${tenant.sessionId}`;
    expect((await rita.patch(path, { retention: { kind: 'forever' } })).status).to.equal(200);
    expect(await session()).to.deep.include({
      retention: { kind: 'forever' },
      kept: { days: null, isByPlan: false, isHeld: false },
    });
    await rita.patch(path, { retention: { kind: 'days', days: 90 } });
    expect(inDays((await recording()).keeping.until)).to.be.within(89.9, 90.1);
    await rita.patch(path, { retention: { kind: 'organization' } });
    expect((await session()).kept.days).to.equal(30);
    const wanted = { title: 'New', retention: { kind: 'days', days: 8 } };
    const { body: made } = await rita.post('/api/v1/sessions', wanted);
    expect((await rita.get(`/api/v1/sessions/${made.sessionId}`)).body.kept.days).to.equal(8);
    expect((await member.patch(path, { retention: { kind: 'days', days: 7 } })).status).to.equal(403);
    expect((await member.post('/api/v1/sessions', wanted)).status).to.equal(403);
    expect((await member.patch(path, { title: 'Renamed' })).status).to.equal(200);
    const { body: token } = await rita.post('/api/v1/organization/tokens', {
      name: 'Calendar',
      scopes: ['sessions:write'],
      expiresInDays: 1,
    });
    const headers = { authorization: `Bearer ${token.token}` };
    const byToken = await test
      .browser()
      .send('PATCH', path, { retention: { kind: 'days', days: 7 } }, headers);
    expect([byToken.status, byToken.body.code]).to.deep.equal([403, 'token_refused']);
  });

  it('is told to whoever comes by a link, before they join', async () => {
    const { body: link } = await rita.post(`/api/v1/sessions/${tenant.sessionId}/invitations`);
    const token = String(link.url).split('#')[1];
    const kept = async () => (await test.browser().post('/api/v1/join/preview', { token })).body.kept;
    expect(await kept()).to.deep.equal({ days: null, isByPlan: false, isHeld: false });
    await keep(30);
    expect(await kept()).to.deep.equal({ days: 30, isByPlan: false, isHeld: false });
    await rita.patch(`/api/v1/sessions/${tenant.sessionId}`, { retention: { kind: 'days', days: 8 } });
    expect(await kept()).to.deep.equal({ days: 8, isByPlan: false, isHeld: false });
    await rita.post('/api/v1/organization/hold', { reason: 'Case 7' });
    expect(await kept()).to.deep.equal({ days: 8, isByPlan: false, isHeld: true });
  });

  it('gives way to a legal hold: nobody deletes what is held, and is told why and what to do', async () => {
    const { recordingId, sessionId } = tenant;
    for (const [path, of] of [
      ['/organization', 'organization'],
      [`/sessions/${sessionId}`, 'session'],
      [`/recordings/${recordingId}`, 'recording'],
    ] as const) {
      const hold = `/api/v1${path}/hold`;
      expect((await rita.delete(hold)).body.detail).to.equal('It is not held.');
      expect((await member.post(hold, { reason: 'Mine' })).status).to.equal(403);
      expect((await rita.post(hold, { reason: ' ' })).body.detail).to.match(/say why/);
      expect((await rita.post(hold, { reason: 'Case 7' })).status).to.equal(204);
      expect((await rita.post(hold, { reason: 'Case 8' })).body.detail).to.equal('It is held already.');
      expect((await recording()).keeping.hold).to.include({ of, reason: 'Case 7' });
      const refused = await rita.delete(`/api/v1/recordings/${recordingId}`);
      expect(refused.status).to.equal(409);
      expect(refused.body.detail).to.equal(
        `A legal hold keeps this recording: “Case 7”. An owner or admin has to release it on the ${of}’s page first.`,
      );
      expect((await rita.get('/api/v1/deletions')).body.deletions.length).to.equal(1);
      expect((await member.delete(hold)).status).to.equal(403);
      expect((await rita.delete(hold)).status).to.equal(204);
      expect((await recording()).keeping.hold).to.equal(null);
    }
    expect(await actions()).to.deep.equal(
      ['recording', 'session', 'organization'].flatMap(of => [
        `hold.released ${of} {}`,
        `hold.placed ${of} {"reason":"Case 7"}`,
      ]),
    );
    expect((await rita.delete(`/api/v1/recordings/${recordingId}`)).status).to.equal(202);
  });

  it('shows what is held among what was deleted', async () => {
    await rita.delete(`/api/v1/recordings/${tenant.recordingId}`);
    await rita.post('/api/v1/organization/hold', { reason: 'Case 7' });
    const { deletions } = (await rita.get('/api/v1/deletions')).body;
    const shown = deletions.find((row: { recordingId: string }) => row.recordingId === tenant.recordingId);
    expect(shown).to.include({ isHeld: true, isExpired: false, state: 'waiting' });
  });
});
