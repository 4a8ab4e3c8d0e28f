import { unreachableAddresses, unscoped } from '@cratersync/db';
import { expect } from 'chai';
import { startMailServer } from '../mail/fixtures/mail-server.ts';
import type { Browser } from './fixtures/browser.ts';
import { startTestApp, useFreshTestApp } from './fixtures/test-app.ts';

describe('an organization and its people', () => {
  const test = useFreshTestApp();
  let rita: Browser;
  let people = 0;
  beforeEach(async () => {
    rita = await test.host(newAddress());
  });

  const newAddress = () => `somebody-${++people}@example.org`;
  const org = '/api/v1/organization';
  const me = async (browser: Browser) => (await browser.get('/api/v1/me')).body;
  const members = async (browser: Browser) =>
    (await browser.get(`${org}/members`)).body.members as { accountId: string; role: string }[];
  const roleOf = async (browser: Browser, accountId: string) =>
    (await members(browser)).find(each => each.accountId === accountId)?.role;
  const actions = async (browser: Browser) =>
    ((await browser.get(`${org}/audit`)).body.entries as { action: string }[]).map(each => each.action);

  async function invite(by: Browser, email: string, role: string): Promise<string> {
    const { status } = await by.post(`${org}/invitations`, { email, role });
    expect(status).to.equal(201);
    return test.mail.linkTo('/invitation');
  }
  async function joined(
    role: 'admin' | 'member',
    by = rita,
  ): Promise<{ browser: Browser; accountId: string }> {
    const browser = await test.member(by, role);
    return { browser, accountId: (await me(browser)).accountId };
  }

  it('takes somebody in by mail, who says their name and is there', async () => {
    const email = newAddress();
    const token = await invite(rita, email, 'member');
    const stranger = test.browser();
    const preview = await stranger.post('/api/v1/member-invitations/preview', { token });
    expect(preview.body).to.deep.equal({ organizationName: 'Moon Radio', email, role: 'member' });
    expect((await rita.get(`${org}/members`)).body.invitations).to.have.lengthOf(1);
    expect((await stranger.post('/api/v1/member-invitations/accept', { token })).status).to.equal(401);
    const ada = await test.signedIn(email);
    const accepted = await ada.post('/api/v1/member-invitations/accept', { token });
    expect(accepted.body.organization).to.include({ name: 'Moon Radio', role: 'member', region: 'ca' });
    expect((await ada.patch('/api/v1/me', { displayName: 'Ada' })).status).to.equal(200);
    expect((await members(rita)).map(each => each.role)).to.deep.equal(['owner', 'member']);
    expect((await rita.get(`${org}/members`)).body.invitations).to.deep.equal([]);
    const { body: session } = await rita.post('/api/v1/sessions', { title: 'Shared' });
    expect((await ada.get(`/api/v1/sessions/${session.sessionId}`)).status).to.equal(200);
    const again = await ada.post('/api/v1/member-invitations/accept', { token });
    expect(again.body.code).to.equal('link_invalid');
  });

  it('says of an invitation that its mail did not arrive, and gives its link to be handed on', async () => {
    const email = newAddress();
    const ask = { email, role: 'member' };
    const invitations = async () =>
      (await rita.get(`${org}/members`)).body.invitations as { email: string; undelivered: unknown }[];
    const { port } = test.mail;
    await test.mail.close();
    const away = await rita.post(`${org}/invitations`, ask);
    expect(away.status).to.equal(201);
    expect(away.body.undelivered).to.include({ why: 'unreached' });
    expect((await invitations())[0]?.undelivered).to.deep.equal(away.body.undelivered);
    const refusing = await startMailServer(port, { refuse: address => `550 5.1.1 <${address}> is nobody` });
    const refused = await rita.post(`${org}/invitations`, ask);
    expect(refused.body.undelivered).to.deep.equal({
      ...{ why: 'refused', words: '550 5.1.1 <[address]> is nobody' },
    });
    expect(await invitations()).to.have.lengthOf(1);
    await refusing.close();
    const byLink = await rita.post(`${org}/invitations`, { ...ask, by: 'link' });
    expect(byLink.body).to.include({ email, undelivered: null });
    const taking = await startMailServer(port);
    const token = /\/invitation#([\w-]{22})$/.exec(byLink.body.url)?.[1];
    const ada = test.browser();
    await ada.post('/api/v1/sign-in/codes', { email });
    await ada.post('/api/v1/sign-in', { email, code: taking.newestCode() });
    expect((await ada.post('/api/v1/member-invitations/accept', { token })).status).to.equal(200);
    await taking.close();
    expect(await members(rita)).to.have.lengthOf(2);
  });

  it('says of an invitation that its mail came back later, and forgets it once a code was read there', async () => {
    const email = newAddress();
    await invite(rita, email, 'member');
    const bounced = async () => (await rita.get(`${org}/members`)).body.invitations[0].undelivered;
    expect(await bounced()).to.equal(null);
    await unscoped(test.db.app, tx => unreachableAddresses.mark(tx, { email, words: '550 nobody' }));
    expect(await bounced()).to.deep.equal({ why: 'refused', words: '550 nobody' });
    await test.signedIn(email);
    expect(await bounced()).to.equal(null);
  });

  it('mails so many invitations to one address, and then none for a while', async () => {
    const ask = { email: newAddress(), role: 'member' };
    for (let n = 0; n < 5; n += 1) expect((await rita.post(`${org}/invitations`, ask)).status).to.equal(201);
    const { status, body, headers } = await rita.post(`${org}/invitations`, ask);
    expect([status, body.code]).to.deep.equal([429, 'too_many_requests']);
    expect(Number(headers.get('retry-after'))).to.be.greaterThan(0);
    expect((await rita.post(`${org}/invitations`, { ...ask, by: 'link' })).status).to.equal(201);
  });

  it('takes in only whom the invitation was mailed to', async () => {
    const token = await invite(rita, newAddress(), 'admin');
    const eve = await test.host(newAddress());
    const { status, body } = await eve.post('/api/v1/member-invitations/accept', { token });
    expect(status).to.equal(409);
    expect(body.detail).to.match(/is for .+ Sign out, and sign in with that address/);
    expect(await members(rita)).to.have.lengthOf(1);
  });

  it('opens nothing with an invitation that has ended, or was never made', async () => {
    const email = newAddress();
    const declined = await invite(rita, email, 'member');
    const no = await test.browser().post('/api/v1/member-invitations/decline', { token: declined });
    expect(no.status).to.equal(204);
    const replaced = await invite(rita, email, 'member');
    const withdrawn = await invite(rita, email, 'member');
    const [{ memberInvitationId }] = (await rita.get(`${org}/members`)).body.invitations;
    expect((await rita.delete(`${org}/invitations/${memberInvitationId}`)).status).to.equal(204);
    const expired = await invite(rita, email, 'member');
    await test.db.owner.query('UPDATE app.member_invitations SET expires_at = now() WHERE outcome IS NULL');
    for (const token of [declined, replaced, withdrawn, expired, 'x'.repeat(22)]) {
      const { body } = await test.browser().post('/api/v1/member-invitations/preview', { token });
      expect(body.code).to.equal('link_invalid');
    }
    const expected = ['member.invitation-declined', 'member.invitation-revoked'];
    expect(await actions(rita)).to.include.members(expected);
  });

  it('lets admins manage admins and members, and nobody but owners what concerns owners', async () => {
    const admin = await joined('admin');
    const member = await joined('member', admin.browser);
    const ritaId = (await me(rita)).accountId;
    const path = (id: string) => `${org}/members/${id}`;
    expect((await admin.browser.patch(path(member.accountId), { role: 'admin' })).status).to.equal(204);
    expect((await admin.browser.patch(path(member.accountId), { role: 'owner' })).status).to.equal(403);
    expect((await admin.browser.patch(path(ritaId), { role: 'member' })).status).to.equal(403);
    expect((await admin.browser.delete(path(ritaId))).status).to.equal(403);
    const transfer = { accountId: admin.accountId };
    expect((await admin.browser.post(`${org}/transfer`, transfer)).status).to.equal(403);
    expect((await rita.patch(path(member.accountId), { role: 'member' })).status).to.equal(204);
    for (const answer of [
      await member.browser.patch(path(admin.accountId), { role: 'member' }),
      await member.browser.patch(path(member.accountId), { role: 'admin' }),
      await member.browser.delete(path(admin.accountId)),
      await member.browser.post(`${org}/invitations`, { email: newAddress(), role: 'member' }),
      await member.browser.patch(org, { name: 'Mine' }),
      await member.browser.get(`${org}/audit`),
      await member.browser.get(`${org}/audit.csv`),
    ])
      expect([answer.status, answer.body.code]).to.deep.equal([403, 'forbidden']);
    expect((await member.browser.get(`${org}/members`)).body.invitations).to.deep.equal([]);
    expect(await roleOf(rita, ritaId)).to.equal('owner');
  });

  it('keeps an owner: the last one neither leaves nor steps down, and of two who go at once one stays', async () => {
    const ritaId = (await me(rita)).accountId;
    for (const answer of [
      await rita.delete(`${org}/members/${ritaId}`),
      await rita.patch(`${org}/members/${ritaId}`, { role: 'admin' }),
    ])
      expect(answer.body.detail).to.match(/needs an owner/);
    const other = await joined('admin');
    await rita.patch(`${org}/members/${other.accountId}`, { role: 'owner' });
    const answers = await Promise.all([
      rita.delete(`${org}/members/${ritaId}`),
      other.browser.delete(`${org}/members/${other.accountId}`),
    ]);
    expect(answers.map(({ status }) => status).sort()).to.deep.equal([204, 409]);
  });

  it('hands ownership on', async () => {
    const other = await joined('member');
    const ritaId = (await me(rita)).accountId;
    expect((await rita.post(`${org}/transfer`, { accountId: other.accountId })).status).to.equal(204);
    expect(await roleOf(rita, ritaId)).to.equal('admin');
    expect(await roleOf(rita, other.accountId)).to.equal('owner');
  });

  it('shows whoever was removed nothing more, sends them out of the studio, and takes them in again', async () => {
    const { body: session } = await rita.post('/api/v1/sessions', { title: 'Secret' });
    const { browser, accountId } = await joined('member');
    const { body: seat } = await browser.post(`/api/v1/sessions/${session.sessionId}/host-seat`, {});
    expect(seat.credential).to.be.a('string');
    expect((await rita.delete(`${org}/members/${accountId}`)).status).to.equal(204);
    expect(test.dismissed).to.have.lengthOf(1);
    expect((await browser.get(`/api/v1/sessions/${session.sessionId}`)).status).to.equal(409);
    expect(await me(browser)).to.deep.include({ organization: null, organizations: [] });
    const token = await invite(rita, (await me(browser)).email, 'admin');
    await browser.post('/api/v1/member-invitations/accept', { token });
    expect(await roleOf(rita, accountId)).to.equal('admin');
    // When they were a member before, and as what, stays written down.
    const { rows } = await test.db.owner.query(
      `SELECT p.role, p.began_at < p.ended_at AS was, p.ended_at <= m.created_at AS before, m.ended_at
       FROM app.past_memberships p JOIN app.memberships m USING (organization_id, account_id) WHERE account_id = $1`,
      [accountId],
    );
    expect(rows).to.deep.equal([{ role: 'member', was: true, before: true, ended_at: null }]);
  });

  it('lets one person belong to several and work in one of them at a time', async () => {
    const own = (await me(rita)).organization.organizationId;
    const made = await rita.post('/api/v1/organizations', { name: 'Sun Radio', region: 'fr' });
    expect(made.body.organization).to.include({ name: 'Sun Radio', region: 'fr', role: 'owner' });
    await rita.post('/api/v1/sessions', { title: 'Of the sun' });
    expect((await rita.get('/api/v1/sessions')).body.sessions).to.have.lengthOf(1);
    const back = await rita.post('/api/v1/organizations/current', { organizationId: own });
    expect(back.body.organization.name).to.equal('Moon Radio');
    expect(back.body.organizations).to.have.lengthOf(2);
    expect((await rita.get('/api/v1/sessions')).body.sessions).to.have.lengthOf(0);
    const eve = await test.host(newAddress());
    const foreign = await eve.post('/api/v1/organizations/current', { organizationId: own });
    expect(foreign.status).to.equal(404);
    eve.cookies.set('cratersync-organization', own);
    expect((await me(eve)).organization.organizationId).not.to.equal(own);
  });

  it('is the only way to an account where signing up is by invitation', async () => {
    const closed = await startTestApp(test.db, { signUp: 'invited' });
    const email = newAddress();
    const token = await invite(rita, email, 'member');
    const give = async (body: object) => {
      const browser = closed.browser();
      await browser.post('/api/v1/sign-in/codes', { email });
      return browser.post('/api/v1/sign-in', { email, code: closed.mail.newestCode(), ...body });
    };
    expect((await give({})).body.code).to.equal('sign_up_closed');
    expect((await give({ invitation: 'x'.repeat(22) })).body.code).to.equal('link_invalid');
    const others = await invite(rita, newAddress(), 'member');
    expect((await give({ invitation: others })).body.code).to.equal('sign_up_closed');
    expect((await give({ invitation: token })).status).to.equal(200);
    // Who has an account signs in as before.
    expect((await give({})).status).to.equal(200);
    await closed.close();
  });

  it('is renamed by its managers', async () => {
    expect((await rita.patch(org, { name: 'Star Radio' })).body.organization.name).to.equal('Star Radio');
    expect(await actions(rita)).to.deep.equal(['organization.renamed', 'organization.created']);
  });
});
