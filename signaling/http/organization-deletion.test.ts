import { randomUUID } from 'node:crypto';
import { inOrganization, organizationDeletions } from '@cratersync/db';
import { createTenant, type Tenant } from '@cratersync/db/testing';
import { eraseNow } from '@cratersync/recorder/testing';
import { expect } from 'chai';
import { readSeat } from '../socket/connection.ts';
import type { Browser } from './fixtures/browser.ts';
import { useTestApp } from './fixtures/test-app.ts';

const path = '/api/v1/organization/deletion';
const DAY_MS = 24 * 3_600_000;

describe('deleting an organization', () => {
  const test = useTestApp();
  let rita: Browser;
  let organizationId: Tenant['organizationId'];
  beforeEach(async () => {
    rita = await test.host(`rita-${randomUUID()}@example.org`);
    organizationId = (await me()).organization.organizationId;
    test.mail.messages.length = 0;
  });

  const me = async (browser = rita) => (await browser.get('/api/v1/me')).body;
  const deleteIt = (name = 'Moon Radio', browser = rita) => browser.post(path, { name });
  const mailed = async () => {
    await test.deliverLetters();
    return test.mail.messages.map(message => ({
      to: /^To: (.*)\r$/m.exec(message)?.[1],
      subject: /^Subject: (.*)\r$/m.exec(message)?.[1],
    }));
  };
  /** A link into a session, and the credential of somebody who came by it. */
  async function guest() {
    const { body: session } = await rita.post('/api/v1/sessions', { title: 'Episode 1' });
    const { body: link } = await rita.post(`/api/v1/sessions/${session.sessionId}/invitations`);
    const token = String(link.url).split('#')[1];
    const { body: seat } = await test.browser().post('/api/v1/join', { token, displayName: 'Zoë' });
    return { token, credential: seat.credential as string, sessionId: session.sessionId as string };
  }
  const follow = async (token: string | undefined) => {
    const { status, body } = await test.browser().post('/api/v1/join/preview', { token });
    return [status, body.code];
  };

  it('says so where its key waits for its deletion, and nothing opens meanwhile', async () => {
    await deleteIt();
    await inOrganization(test.db.worker, organizationId, tx =>
      organizationDeletions.keyScheduled(tx, new Date(Date.now() + 7 * DAY_MS)),
    );
    expect((await me()).organization.isLocked).to.equal(true);
    expect((await rita.delete(path)).body.organization.isLocked).to.equal(false);
    await test.deliverLetters();
  });

  it('takes its name, tells all owners, and is shown to everybody with the date', async () => {
    const wrong = await deleteIt('moon radio');
    expect([wrong.status, wrong.body.detail]).to.deep.equal([
      409,
      'That is not its name. Type it as it is written: Moon Radio',
    ]);
    const second = await test.member(rita, 'member');
    const ada = await me(second);
    await rita.patch(`/api/v1/organization/members/${ada.accountId}`, { role: 'owner' });
    const third = await test.member(rita, 'member');
    test.mail.messages.length = 0;
    const asked = await deleteIt();
    expect(asked.status).to.equal(202);
    expect(asked.body.organization.isLocked).to.equal(false);
    const days = (Date.parse(asked.body.organization.eraseAfter) - Date.now()) / DAY_MS;
    expect(days).to.be.within(6.99, 7.01);
    for (const browser of [rita, second, third])
      expect((await me(browser)).organization.eraseAfter).to.equal(asked.body.organization.eraseAfter);
    expect(test.dismissed).to.include(organizationId);
    const subject = 'Moon Radio will be deleted from CraterSync';
    expect(await mailed()).to.have.deep.members([
      { to: (await me()).email, subject },
      { to: ada.email, subject },
    ]);
    // Once more changes nothing.
    expect((await deleteIt()).body.organization.eraseAfter).to.equal(asked.body.organization.eraseAfter);
    expect(await mailed()).to.have.lengthOf(2);
    const refused = await rita.post('/api/v1/sessions', { title: 'One more' });
    expect(refused.body.detail).to.match(
      /^This organization is to be deleted on \d{4}-\d\d-\d\d \d\d:\d\d UTC, .* undo/,
    );
    // The other owner keeps it.
    expect((await second.delete(path)).body.organization.eraseAfter).to.equal(null);
    expect((await mailed()).at(-1)?.subject).to.equal('Moon Radio stays on CraterSync');
    expect((await rita.post('/api/v1/sessions', { title: 'One more' })).status).to.equal(201);
    const { body: log } = await rita.get('/api/v1/organization/audit');
    expect(log.entries.map(({ action }: { action: string }) => action)).to.include.members([
      'organization.deletion-requested',
      'organization.deletion-undone',
    ]);
    expect((await second.delete(path)).status).to.equal(409);
  });

  it('takes a fresh sign-in', async () => {
    await test.db.owner.query(`UPDATE app.web_sessions SET created_at = now() - interval '16 minutes'`);
    const { status, body } = await deleteIt();
    expect([status, body.code]).to.deep.equal([403, 'sign_in_again']);
    expect((await me()).organization.eraseAfter).to.equal(null);
  });

  it('is refused while something is being recorded, and says what to do', async () => {
    const { sessionId } = await guest();
    const recordingId = randomUUID();
    await test.db.owner.query(
      `INSERT INTO app.recordings (organization_id, session_id, recording_id, state, started_at)
       VALUES ($1, $2, $3, 'recording', now())`,
      [organizationId, sessionId, recordingId],
    );
    const { status, body } = await deleteIt();
    expect([status, body.code]).to.deep.equal([409, 'conflict']);
    expect(body.detail).to.match(/Stop the recording in its studio/);
    expect((await me()).organization.eraseAfter).to.equal(null);
  });

  it('has nothing recorded that begins at the same moment', async () => {
    const { sessionId } = await guest();
    // Whoever begins a recording holds the organization until that is written down.
    const begins = inOrganization(test.db.app, organizationId, async tx => {
      await organizationDeletions.holdActive(tx);
      const deleting = deleteIt();
      await untilWaiting();
      await tx.change(
        `INSERT INTO app.recordings (recording_id, session_id, state, started_at) VALUES ($1, $2, 'recording', now())`,
        [randomUUID(), sessionId],
      );
      return { deleting };
    });
    const { status } = await (await begins).deleting;
    expect(status).to.equal(409);
    await test.db.owner.query(`UPDATE app.recordings SET state = 'incomplete' WHERE session_id = $1`, [
      sessionId,
    ]);
    await deleteIt();
    const late = inOrganization(test.db.app, organizationId, tx => organizationDeletions.holdActive(tx));
    expect(await late.catch(error => error.code)).to.equal('organization_closing');
  });

  /** Until a statement waits for another one's lock. */
  async function untilWaiting(): Promise<void> {
    for (;;) {
      const { rowCount } = await test.db.owner.query('SELECT FROM pg_locks WHERE NOT granted');
      if (rowCount !== 0) return;
    }
  }

  it('ends links, seats, tokens and invitations for as long as it is not undone', async () => {
    const { token, credential, sessionId } = await guest();
    const made = await rita.post('/api/v1/organization/tokens', {
      ...{ name: 'Editor', scopes: ['sessions:read'], expiresInDays: 30 },
    });
    const byToken = async () =>
      (
        await test
          .browser()
          .send('GET', '/api/v1/sessions', undefined, { authorization: `Bearer ${made.body.token}` })
      ).status;
    const email = `ada-${randomUUID()}@example.org`;
    await rita.post('/api/v1/organization/invitations', { email, role: 'member' });
    const invitation = test.mail.linkTo('/invitation');
    const invited = async () =>
      (await test.browser().post('/api/v1/member-invitations/preview', { token: invitation })).status;
    const seated = () =>
      readSeat(test.db.app, credential).then(
        () => 'good',
        error => error.code,
      );
    const hosting = async () =>
      (await rita.post(`/api/v1/sessions/${sessionId}/host-seat`)).body.code ?? 'good';
    const all = async () => [
      await follow(token),
      await seated(),
      await byToken(),
      await invited(),
      await hosting(),
    ];
    const good = [[200, undefined], 'good', 200, 200, 'good'];
    expect(await all()).to.deep.equal(good);
    await deleteIt();
    expect(await all()).to.deep.equal([
      [410, 'organization_gone'],
      'organization_gone',
      401,
      404,
      'organization_closing',
    ]);
    expect((await test.browser().post('/api/v1/join', { token, displayName: 'Zoë' })).body.code).to.equal(
      'organization_gone',
    );
    await rita.delete(path);
    expect(await all()).to.deep.equal(good);
  });

  it('leaves guests’ links saying that it is gone, and its people without it', async () => {
    const tenant = await createTenant(test.db);
    const owner = await test.ownerOf(tenant);
    const { body: session } = await owner.post('/api/v1/sessions', { title: 'Episode 2' });
    const { body: link } = await owner.post(`/api/v1/sessions/${session.sessionId}/invitations`);
    const token = String(link.url).split('#')[1];
    await deleteIt('Moon Radio', owner);
    await test.db.owner.query(`UPDATE app.organization_deletions SET erase_after = now() - interval '1 s'`);
    await eraseNow(test.db.worker, tenant.organizationId);
    expect(await follow(token)).to.deep.equal([410, 'organization_gone']);
    expect(await follow('A'.repeat(22))).to.deep.equal([404, 'link_invalid']);
    const { organization, organizations } = await me(owner);
    expect([organization, organizations]).to.deep.equal([null, []]);
    expect((await owner.get('/api/v1/recordings')).status).to.equal(409);
  });
});
