import { createHash } from 'node:crypto';
import { participants, withCapability } from '@cratersync/db';
import { expect } from 'chai';
import type { Browser } from './fixtures/browser.ts';
import { networkProbe, useTestApp } from './fixtures/test-app.ts';

describe('invitations and seats', () => {
  const test = useTestApp();
  let host: Browser;
  let sessionId: string;
  before(async () => {
    host = await test.host('rita@example.org');
  });
  beforeEach(async () => {
    sessionId = (await host.post('/api/v1/sessions', { title: 'Episode 1' })).body.sessionId;
  });

  const invite = async (of = sessionId) => {
    const { body } = await host.post(`/api/v1/sessions/${of}/invitations`);
    return { ...body, token: new URL(body.url).hash.slice(1) };
  };
  const preview = (token: string) => test.browser().post('/api/v1/join/preview', { token });
  const join = (token: string, displayName = 'Ada', credential?: string) =>
    test.browser().post('/api/v1/join', { token, displayName, credential });
  const seatOf = (credential: string) => {
    const hash = createHash('sha256').update(credential).digest();
    return withCapability(test.db.app, { kind: 'credential', hash }, tx => participants.bySeat(tx));
  };

  it('shows the session with its invitations, without their secrets', async () => {
    const { invitationId, url, token, ...times } = await invite();
    expect(url).to.match(new RegExp(`^${test.origin}/join#[A-Za-z0-9_-]{22}$`));
    expect(Date.parse(times.expiresAt) - Date.parse(times.createdAt)).to.equal(7 * 24 * 3_600_000);
    const { body } = await host.get(`/api/v1/sessions/${sessionId}`);
    expect(body).to.include({ sessionId, title: 'Episode 1', state: 'created' });
    expect(body.recordings).to.deep.equal([]);
    expect(body.invitations).to.deep.equal([{ invitationId, ...times }]);
  });

  it('lists sessions, the newest first', async () => {
    const second = await host.post('/api/v1/sessions', { title: '  Episode 2 ' });
    expect(second.status).to.equal(201);
    const { sessions } = (await host.get('/api/v1/sessions')).body;
    expect(sessions[0]).to.deep.equal(second.body).and.to.include({ title: 'Episode 2' });
    expect(sessions[1]).to.include({ sessionId });
  });

  it('has a guest’s browser try its way to the media server, and a member’s, and nobody else’s', async () => {
    const { token } = await invite();
    const dtlsParameters = { role: 'client', fingerprints: [] };
    const asGuest = await test.browser().post('/api/v1/join/network', { token, dtlsParameters });
    expect(asGuest.body).to.deep.equal(networkProbe);
    const path = `/api/v1/sessions/${sessionId}/network`;
    expect((await host.post(path, { dtlsParameters })).body).to.deep.equal(networkProbe);
    const stranger = await test.host('stranger@example.org');
    expect((await stranger.post(path, { dtlsParameters })).status).to.equal(404);
    expect((await host.post(path, {})).body).to.include({ code: 'bad_request' });
  });

  it('opens the green room and a seat with a working link', async () => {
    const { token } = await invite();
    expect((await preview(token)).body).to.deep.equal({
      title: 'Episode 1',
      organizationName: 'Moon Radio',
      region: 'ca',
      role: 'guest',
      kept: { days: null, isByPlan: false, isHeld: false },
    });
    const { status, body } = await join(token, ' Ada ');
    expect(status).to.equal(201);
    expect(body).to.include({ sessionId, displayName: 'Ada', role: 'guest' });
    expect(Buffer.from(body.credential, 'base64url')).to.have.lengthOf(32);
    const { participantId } = body;
    expect(await seatOf(body.credential)).to.include({
      participantId,
      sessionTitle: 'Episode 1',
      revoked: false,
    });
  });

  it('keeps a guest who comes back the same person, and ends their earlier credential', async () => {
    const { token } = await invite();
    const first = (await join(token)).body;
    const again = (await join(token, 'Ada Lovelace', first.credential)).body;
    expect(again).to.include({ participantId: first.participantId, displayName: 'Ada Lovelace' });
    expect(again.credential).not.to.equal(first.credential);
    expect(await seatOf(first.credential)).to.equal(null);
    expect(await seatOf(again.credential)).to.include({ displayName: 'Ada Lovelace' });
    expect((await join(token)).body.participantId).not.to.equal(first.participantId);
  });

  it('does not carry a person from one session into another', async () => {
    const first = (await join((await invite()).token)).body;
    const other = (await host.post('/api/v1/sessions', { title: 'Episode 2' })).body;
    const { token } = await invite(other.sessionId);
    const second = (await join(token, 'Ada', first.credential)).body;
    expect(second.sessionId).to.equal(other.sessionId);
    expect(second.participantId).not.to.equal(first.participantId);
    expect(await seatOf(first.credential)).to.include({ revoked: false });
  });

  it('does not let a guest’s link take the host’s seat', async () => {
    const seat = (await host.post(`/api/v1/sessions/${sessionId}/host-seat`)).body;
    const guest = (await join((await invite()).token, 'Mallory', seat.credential)).body;
    expect(guest).to.include({ role: 'guest' });
    expect(guest.participantId).not.to.equal(seat.participantId);
    expect(await seatOf(seat.credential)).to.include({ role: 'host' });
  });

  it('gives a host one seat a session, under their own name', async () => {
    const take = () => host.post(`/api/v1/sessions/${sessionId}/host-seat`);
    const seats = await Promise.all([take(), take(), take()]);
    expect(seats.map(seat => seat.status)).to.deep.equal([201, 201, 201]);
    expect(new Set(seats.map(seat => seat.body.participantId)).size).to.equal(1);
    expect(seats[0]?.body).to.include({ role: 'host', displayName: 'Rita', sessionId });
    const working = await Promise.all(seats.map(seat => seatOf(seat.body.credential)));
    expect(working.filter(seat => seat !== null)).to.have.lengthOf(1);
  });

  it('ends a revoked link for whoever has yet to come and whoever is inside', async () => {
    const { token, invitationId } = await invite();
    const inside = (await join(token)).body;
    const path = `/api/v1/sessions/${sessionId}/invitations/${invitationId}`;
    test.dismissed.length = 0;
    expect((await host.delete(path)).status).to.equal(204);
    expect(test.dismissed).to.have.lengthOf(1);
    expect((await preview(token)).body.code).to.equal('link_invalid');
    expect((await join(token, 'Ada', inside.credential)).body.code).to.equal('link_invalid');
    expect(await seatOf(inside.credential)).to.include({ revoked: true });
    const { revokedAt } = (await host.get(`/api/v1/sessions/${sessionId}`)).body.invitations[0];
    expect(revokedAt).to.be.a('string');
    expect((await host.delete(path)).status).to.equal(204);
    expect((await host.get(`/api/v1/sessions/${sessionId}`)).body.invitations[0].revokedAt).to.equal(
      revokedAt,
    );

    const back = (await join((await invite()).token, 'Ada', inside.credential)).body;
    expect(back.participantId).to.equal(inside.participantId);
    expect(await seatOf(back.credential)).to.include({ revoked: false });
  });

  it('answers every link that does not work alike', async () => {
    const expired = await invite();
    await test.db.owner.query(
      `UPDATE app.invitations SET expires_at = now() - interval '1 second' WHERE invitation_id = $1`,
      [expired.invitationId],
    );
    const tokens = [
      expired.token,
      'A'.repeat(22),
      '',
      'not a token',
      'A'.repeat(5000),
      42,
      null,
      { $ne: '' },
    ];
    for (const token of tokens) {
      for (const [path, more] of [
        ['/api/v1/join', { displayName: 'Ada' }],
        ['/api/v1/join/preview', {}],
        ['/api/v1/join/network', { dtlsParameters: {} }],
      ] as const) {
        const { body } = await test.browser().post(path, { token, ...more });
        expect(body, `${path} ${String(token).slice(0, 30)}`).to.include({
          status: 404,
          code: 'link_invalid',
          detail: 'This link does not work (any more). Ask your host for a new one.',
          retryable: false,
          blame: 'caller',
        });
      }
    }
  });

  it('keeps neither token nor credential in the database', async () => {
    const { token } = await invite();
    const { credential } = (await join(token)).body;
    const { rows } = await test.db.owner.query(
      `SELECT row_to_json(i)::text AS row FROM app.invitations i
       UNION ALL SELECT row_to_json(p)::text FROM app.participants p`,
    );
    for (const { row } of rows) {
      for (const secret of [token, credential]) {
        expect(row).not.to.contain(secret);
        expect(row).not.to.contain(Buffer.from(secret, 'base64url').toString('hex'));
      }
    }
  });
});
