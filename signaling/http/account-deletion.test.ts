import { audit, inOrganization } from '@cratersync/db';
import { expect } from 'chai';
import type { OrganizationId } from '../protocol/index.ts';
import type { Browser } from './fixtures/browser.ts';
import { useFreshTestApp } from './fixtures/test-app.ts';

describe('deleting one’s account', function () {
  this.timeout(60_000);
  const test = useFreshTestApp();
  let people = 0;
  const newAddress = () => `leaving-${++people}@example.org`;
  const me = async (browser: Browser) => (await browser.get('/api/v1/me')).body;
  const ask = (browser: Browser, email: string) => browser.post('/api/v1/me/deletion', { email });
  const addressOf = async (browser: Browser): Promise<string> => (await me(browser)).email;
  const actions = async (organizationId: OrganizationId) =>
    (await inOrganization(test.db.app, organizationId, tx => audit.list(tx, {}, 100)))
      .map(({ action }) => action)
      .filter(action => action.startsWith('member.deletion'));
  /** Somebody who is an admin where somebody else is owner. */
  async function leaver(): Promise<{ leaving: Browser; owner: Browser; organizationId: OrganizationId }> {
    const owner = await test.host(newAddress());
    const leaving = await test.member(owner, 'admin');
    return { leaving, owner, organizationId: (await me(owner)).organization.organizationId };
  }

  it('signs out everywhere at once, and says by mail until when one can come back', async () => {
    const { leaving, organizationId } = await leaver();
    const email = await addressOf(leaving);
    const elsewhere = await test.signedIn(email);
    const token = (
      await leaving.post('/api/v1/organization/tokens', {
        name: 'Mine',
        scopes: ['sessions:read'],
        expiresInDays: 9,
      })
    ).body.token;
    const byToken = () => test.browser().get('/api/v1/sessions', { authorization: `Bearer ${token}` });
    expect((await byToken()).status).to.equal(200);
    const { status, body } = await ask(leaving, email);
    expect(status).to.equal(202);
    expect((Date.parse(body.purgeAfter) - Date.now()) / 86_400_000).to.be.closeTo(30, 0.01);
    for (const browser of [leaving, elsewhere])
      expect((await browser.get('/api/v1/me')).status).to.equal(401);
    expect((await byToken()).status).to.equal(401);
    await test.deliverLetters();
    expect(test.mail.messages.at(-1)).to.match(/^Subject: Your CraterSync account will be deleted\r$/m);
    expect(test.mail.messages.at(-1)).to.contain(`To: ${email}`);
    expect(await actions(organizationId)).to.deep.equal(['member.deletion-requested']);
    const { rows } = await test.db.owner.query(
      `SELECT extract(epoch FROM run_at - now())::int / 86400.0 AS days FROM graphile_worker.jobs WHERE task_identifier = 'purge-account'`,
    );
    expect(Number(rows[0].days)).to.be.closeTo(30, 0.01);
  });

  it('leaves nobody as the only owner whose account is to be deleted', async () => {
    const { leaving, owner } = await leaver();
    const { accountId } = await me(leaving);
    await ask(leaving, await addressOf(leaving));
    const handOn = () => owner.post('/api/v1/organization/transfer', { accountId });
    const { status, body } = await handOn();
    expect([status, body.code]).to.deep.equal([409, 'conflict']);
    expect(body.detail).to.contain('is to be deleted');
    expect((await me(owner)).organization.role).to.equal('owner');
    const back = await test.signedIn(await addressOf(owner));
    expect((await me(back)).organization.role).to.equal('owner');
  });

  it('is undone by whoever signs in again and chooses so; until then, they get nowhere', async () => {
    const { leaving, organizationId } = await leaver();
    const email = await addressOf(leaving);
    const { body } = await ask(leaving, email);
    const back = await test.signedIn(email);
    expect((await me(back)).purgeAfter).to.equal(body.purgeAfter);
    const refused = await back.get('/api/v1/sessions');
    expect([refused.status, refused.body.detail]).to.deep.equal([
      409,
      'Your account is to be deleted. To go on, choose “Keep my account” first.',
    ]);
    expect((await back.delete('/api/v1/me/deletion')).body.purgeAfter).to.equal(null);
    expect((await back.get('/api/v1/sessions')).status).to.equal(200);
    expect((await back.delete('/api/v1/me/deletion')).status).to.equal(409);
    expect(await actions(organizationId)).to.deep.equal([
      'member.deletion-undone',
      'member.deletion-requested',
    ]);
  });

  it('wants the address typed, and a fresh sign-in, and loses nothing without', async () => {
    const { leaving } = await leaver();
    const email = await addressOf(leaving);
    expect((await ask(leaving, 'somebody@example.org')).body.detail).to.match(
      /type the mail address of your account/,
    );
    await test.db.owner.query(`UPDATE app.web_sessions SET created_at = now() - interval '16 minutes'`);
    const stale = await ask(leaving, email);
    expect([stale.status, stale.body.code]).to.deep.equal([403, 'sign_in_again']);
    expect((await me(leaving)).purgeAfter).to.equal(null);
    expect((await ask(await test.signedIn(email), ` ${email.toUpperCase()}`)).status).to.equal(202);
  });

  it('is refused to the only owner, with what to do, and leaves everything as it was', async () => {
    const alone = await test.host(newAddress());
    const { name } = (await me(alone)).organization;
    const first = await ask(alone, await addressOf(alone));
    expect([first.status, first.body.detail]).to.deep.equal([
      409,
      `You are the only member of ${name}. Delete the organization first, on its page.`,
    ]);
    const { owner, leaving } = await leaver();
    const second = await ask(owner, await addressOf(owner));
    expect(second.body.detail).to.match(/^You are the only owner of .*\. Make somebody else an owner first/);
    expect((await me(owner)).purgeAfter).to.equal(null);
    expect(test.mail.messages.some(message => message.includes('will be deleted'))).to.equal(false);
    const { accountId } = await me(leaving);
    await owner.patch(`/api/v1/organization/members/${accountId}`, { role: 'owner' });
    expect((await ask(owner, await addressOf(owner))).status).to.equal(202);
    // Who is left is the last now, and may neither follow nor leave.
    expect((await ask(leaving, await addressOf(leaving))).status).to.equal(409);
    expect((await leaving.delete(`/api/v1/organization/members/${accountId}`)).status).to.equal(409);
  });

  it('lets one of two owners go who ask at once, not both', async () => {
    const { owner, leaving } = await leaver();
    await owner.patch(`/api/v1/organization/members/${(await me(leaving)).accountId}`, { role: 'owner' });
    const [first, second] = [await addressOf(owner), await addressOf(leaving)];
    const answers = await Promise.all([ask(owner, first), ask(leaving, second)]);
    expect(answers.map(({ status }) => status).toSorted()).to.deep.equal([202, 409]);
  });

  it('leaves the other owners free to remove whoever is going', async () => {
    const { owner, leaving } = await leaver();
    const { accountId } = await me(owner);
    await owner.patch(`/api/v1/organization/members/${(await me(leaving)).accountId}`, { role: 'owner' });
    await ask(owner, await addressOf(owner));
    expect((await leaving.delete(`/api/v1/organization/members/${accountId}`)).status).to.equal(204);
  });
});
