import { createHash } from 'node:crypto';
import { inOrganization, participants, withCapability } from '@cratersync/db';
import { expect } from 'chai';
import type { Browser } from './fixtures/browser.ts';
import { useTestApp } from './fixtures/test-app.ts';

describe('links into a session', () => {
  const test = useTestApp();
  let host: Browser;
  let sessionId: string;
  before(async () => {
    host = await test.host('rita@example.org');
  });
  beforeEach(async () => {
    sessionId = (await host.post('/api/v1/sessions', { title: 'Episode 1' })).body.sessionId;
  });

  const link = async (body: unknown = {}) => {
    const made = (await host.post(`/api/v1/sessions/${sessionId}/invitations`, body)).body;
    return { ...made, token: new URL(made.url).hash.slice(1) };
  };
  const join = (token: string, credential?: string) =>
    test.browser().post('/api/v1/join', { token, displayName: 'Ada', credential });
  const preview = (token: string, credential?: string) =>
    test.browser().post('/api/v1/join/preview', { token, credential });
  const listed = async () => (await host.get(`/api/v1/sessions/${sessionId}`)).body.invitations;
  const seatOf = (credential: string) => {
    const hash = createHash('sha256').update(credential).digest();
    return withCapability(test.db.app, { kind: 'credential', hash }, tx => participants.bySeat(tx));
  };

  it('make of people what they are made for', async () => {
    for (const role of ['guest', 'co-host', 'producer'] as const) {
      const { token } = await link({ role });
      expect((await preview(token)).body.role).to.equal(role);
      expect((await join(token)).body.role).to.equal(role);
    }
    for (const role of ['host', 'owner', ''])
      expect((await host.post(`/api/v1/sessions/${sessionId}/invitations`, { role })).status).to.equal(400);
  });

  it('work for as long as they were made for', async () => {
    const made = await link({ lifetimeHours: 2 });
    expect(Date.parse(made.expiresAt) - Date.parse(made.createdAt)).to.equal(2 * 3_600_000);
    for (const lifetimeHours of [0, -1, 1.5, 1e9]) {
      const { status } = await host.post(`/api/v1/sessions/${sessionId}/invitations`, { lifetimeHours });
      expect(status, String(lifetimeHours)).to.equal(400);
    }
  });

  it('let in as many people as they were made for, however many come at once', async () => {
    const { token, invitationId } = await link({ maxUses: 3 });
    const answers = await Promise.all(Array.from({ length: 12 }, () => join(token)));
    expect(answers.filter(({ status }) => status === 201)).to.have.lengthOf(3);
    const refused = answers.filter(({ status }) => status !== 201);
    expect(refused.map(({ body }) => body.code)).to.deep.equal(Array(9).fill('link_invalid'));
    expect((await preview(token)).body.code).to.equal('link_invalid');
    expect((await listed())[0]).to.include({ invitationId, uses: 3, maxUses: 3 });
  });

  it('let whoever came by them come back, also when they are used up or have expired', async () => {
    const { token, invitationId } = await link({ maxUses: 1 });
    const first = (await join(token)).body;
    expect((await preview(token, first.credential)).status).to.equal(200);
    await test.db.owner.query(`UPDATE app.invitations SET expires_at = now() WHERE invitation_id = $1`, [
      invitationId,
    ]);
    const again = await join(token, first.credential);
    expect(again.body).to.include({ participantId: first.participantId });
    expect((await listed())[0]).to.include({ uses: 1 });
    const stranger = (await join((await link()).token)).body;
    expect((await preview(token, stranger.credential)).body.code).to.equal('link_invalid');
    expect((await join(token, stranger.credential)).body.code).to.equal('link_invalid');
  });

  it('change what somebody is who comes by another one, and keep them the same person', async () => {
    const guest = (await join((await link()).token)).body;
    const coHost = (await join((await link({ role: 'co-host' })).token, guest.credential)).body;
    expect(coHost).to.include({ participantId: guest.participantId, role: 'co-host' });
    const back = (await join((await link()).token, coHost.credential)).body;
    expect(back).to.include({ participantId: guest.participantId, role: 'guest' });
  });

  it('do not let somebody back who was removed, unless it is another one', async () => {
    const { token } = await link();
    const first = (await join(token)).body;
    const seat = await seatOf(first.credential);
    if (seat === null) throw new Error('no seat');
    await inOrganization(test.db.app, seat.organizationId, tx => participants.remove(tx, seat.participantId));
    expect(await seatOf(first.credential)).to.include({ removed: true });
    expect((await join(token, first.credential)).body.code).to.equal('removed');
    const back = (await join((await link()).token, first.credential)).body;
    expect(back.participantId).to.equal(first.participantId);
    expect(await seatOf(back.credential)).to.include({ removed: false });
  });

  it('let a member watch as a producer, in the one seat that they have', async () => {
    const take = (as?: string) => host.post(`/api/v1/sessions/${sessionId}/host-seat`, { as });
    const hosting = (await take()).body;
    const watching = (await take('producer')).body;
    expect(watching).to.include({ participantId: hosting.participantId, role: 'producer' });
    expect(await seatOf(hosting.credential)).to.equal(null);
    expect((await take('host')).body.role).to.equal('host');
    for (const as of ['guest', 'co-host', 'owner']) expect((await take(as)).status).to.equal(400);
  });

  it('are written down in the audit log, with what they are for', async () => {
    const { invitationId } = await link({ role: 'producer', lifetimeHours: 1, maxUses: 2 });
    const path = `/api/v1/sessions/${sessionId}/invitations/${invitationId}`;
    await host.delete(path);
    await host.delete(path);
    await host.send('PATCH', `/api/v1/sessions/${sessionId}`, { lobby: true });
    await host.send('PATCH', `/api/v1/sessions/${sessionId}`, { lobby: true, locked: true });
    const { entries } = (await host.get('/api/v1/organization/audit')).body;
    const told = entries
      .filter(({ targetId }: { targetId: string }) => [invitationId, sessionId].includes(targetId))
      .map(({ action, details }: { action: string; details: unknown }) => [action, details]);
    expect(told).to.deep.equal([
      ['session.lock-switched', { on: true }],
      ['session.lobby-switched', { on: true }],
      ['guest-link.revoked', {}],
      ['guest-link.created', { role: 'producer', lifetimeHours: 1, maxUses: 2 }],
      ['session.created', {}],
    ]);
    expect((await host.get(`/api/v1/sessions/${sessionId}`)).body).to.include({ lobby: true, locked: true });
  });
});
