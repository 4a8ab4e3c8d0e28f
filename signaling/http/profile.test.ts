import { accounts, asAccountAndInEach } from '@cratersync/db';
import { expect } from 'chai';
import pg from 'pg';
import type { AccountId } from '../protocol/index.ts';
import type { Browser } from './fixtures/browser.ts';
import { startTestApp, useFreshTestApp } from './fixtures/test-app.ts';

describe('one’s own account', function () {
  this.timeout(120_000);
  const test = useFreshTestApp();
  let people = 0;
  const newAddress = () => `somebody-${++people}@example.org`;
  const me = async (browser: Browser) => (await browser.get('/api/v1/me')).body;
  const until = async (holds: () => boolean) => {
    while (!holds()) await new Promise(resolve => setImmediate(resolve));
  };
  /** A message as its reader sees it: decoded, its lines joined. */
  const readable = (message: string) => {
    const joined = message.replace(/=\r\n/g, '');
    const bytes = joined.replace(/=([0-9A-F]{2})/g, (_, hex) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    );
    return Buffer.from(bytes, 'latin1').toString();
  };
  const mailTo = (email: string) =>
    test.mail.messages.filter(each => each.includes(`\r\nTo: ${email}\r\n`)).map(readable);
  const codeTo = (email: string) => /^Subject: (\d{6})\b/m.exec(mailTo(email).at(-1) ?? '')?.[1] ?? '';

  describe('the profile', () => {
    it('is kept: name, time zone, language; what is left out stays', async () => {
      const rita = await test.host(newAddress());
      expect(await me(rita)).to.include({ displayName: 'Rita', timeZone: null, language: 'en' });
      const profile = { displayName: 'Rita Mota', timeZone: 'America/Montreal', language: 'fr' };
      expect((await rita.patch('/api/v1/me', profile)).body).to.include(profile);
      expect((await rita.patch('/api/v1/me', { timeZone: null })).body).to.include({
        ...profile,
        timeZone: null,
      });
      expect(await me(rita)).to.include({ ...profile, timeZone: null });
    });

    it('is refused where it is no time zone, or a language that nobody writes mail in', async () => {
      const rita = await test.host(newAddress());
      for (const wrong of [{ timeZone: 'Moon/Tycho' }, { timeZone: '+02:00' }, { language: 'de' }])
        expect((await rita.patch('/api/v1/me', wrong)).body.code, JSON.stringify(wrong)).to.equal(
          'bad_request',
        );
    });

    it('decides in which language they are written, and when things happened for them', async () => {
      const email = newAddress();
      const rita = await test.host(email);
      await rita.patch('/api/v1/me', { language: 'fr', timeZone: 'Asia/Tokyo' });
      const phone = await test.signedIn(email);
      await test.deliverLetters();
      expect(mailTo(email)).to.have.lengthOf(3);
      const [, code = '', notice = ''] = mailTo(email);
      expect(code).to.contain('est votre code de connexion CraterSync').and.contain('<html lang="fr">');
      expect(notice).to.match(/connecté à votre compte avec Un navigateur sur un système inconnu, depuis/);
      expect(notice).to.match(/le \d+ \S+ \d{4} à \d\d:\d\d UTC\+9/);
      await phone.post('/api/v1/organization/invitations', { email: 'new@example.org', role: 'admin' });
      expect(mailTo('new@example.org').join()).to.contain('vous invite à rejoindre');
    });

    it('begins with the language of their browser, before there is an account', async () => {
      const browser = test.browser();
      const email = newAddress();
      const headers = { 'accept-language': 'fr-CA,fr;q=0.9,en;q=0.5' };
      await browser.send('POST', '/api/v1/sign-in/codes', { email }, headers);
      expect(mailTo(email).join()).to.contain('Voici votre code de connexion');
      const { body } = await browser.send('POST', '/api/v1/sign-in', { email, code: codeTo(email) }, headers);
      expect(body).to.include({ language: 'fr' });
    });
  });

  describe('another mail address', () => {
    const path = '/api/v1/me/email-change';
    const not = (code: string) => String((Number(code) + 1) % 1_000_000).padStart(6, '0');

    /** Somebody who has asked for another address, with the codes that were mailed. */
    async function asked() {
      const [email, newEmail] = [newAddress(), newAddress()];
      const browser = await test.host(email);
      const { status, body } = await browser.post(path, { email: newEmail });
      expect(status).to.equal(202);
      expect(body).to.include({ newEmail });
      return { browser, email, newEmail, oldCode: codeTo(email), newCode: codeTo(newEmail) };
    }

    it('is had with the codes from both mailboxes; both are told, and other browsers are signed out', async () => {
      const { browser, email, newEmail, oldCode, newCode } = await asked();
      const phone = await test.signedIn(email);
      const { status, body } = await browser.post(`${path}/confirm`, { oldCode, newCode });
      expect([status, body.email]).to.deep.equal([200, newEmail]);
      expect((await phone.get('/api/v1/me')).status).to.equal(401);
      expect(await me(browser)).to.include({ email: newEmail, displayName: 'Rita' });
      for (const each of [email, newEmail]) {
        await until(() =>
          mailTo(each).join().includes('Subject: The address of your CraterSync account has changed'),
        );
        expect(mailTo(each).at(-1)).to.contain(`has the address ${newEmail}; before, it was ${email}`);
      }
      const again = await test.signedIn(newEmail);
      expect(await me(again)).to.deep.equal(await me(browser));
      expect(await me(await test.signedIn(email))).to.include({ displayName: null });
      expect((await browser.get(path)).body).to.deep.equal({ change: null });
      const { accountId } = await me(browser);
      const [entry] = (await browser.get('/api/v1/organization/audit')).body.entries;
      expect(entry).to.include({ action: 'member.address-changed', actorId: accountId, targetId: accountId });
      const { body: people } = await browser.get('/api/v1/organization/members');
      expect(people.members[0]).to.include({ email: newEmail });
    });

    it('is not had with one of the two codes, nor with them the other way round, and after five tries not at all', async () => {
      const { browser, email, oldCode, newCode } = await asked();
      const wrong = [
        { oldCode, newCode: not(newCode) },
        { oldCode: not(oldCode), newCode },
        { oldCode: not(oldCode), newCode: not(newCode) },
        { oldCode: newCode, newCode: oldCode },
        { oldCode: oldCode, newCode: oldCode },
      ].filter(each => each.oldCode !== oldCode || each.newCode !== newCode);
      const answers = await Promise.all(
        [...wrong, ...wrong].map(codes => browser.post(`${path}/confirm`, codes)),
      );
      const codes = answers.map(({ body }) => body.code);
      expect(codes.filter(code => code === 'code_wrong')).to.have.lengthOf(5);
      expect(answers.find(({ body }) => body.code === 'code_wrong')?.body.detail).to.match(
        /^One of the two codes/,
      );
      expect((await browser.post(`${path}/confirm`, { oldCode, newCode })).body.code).to.equal(
        'code_unusable',
      );
      expect(await me(browser)).to.include({ email });
    });

    it('takes ten tries an hour, over however many codes', async () => {
      const { browser, newEmail, ...first } = await asked();
      const codes: string[] = [];
      let given = { oldCode: not(first.oldCode), newCode: not(first.newCode) };
      for (const tries of [5, 3, 4]) {
        for (let i = 0; i < tries; i += 1)
          codes.push((await browser.post(`${path}/confirm`, given)).body.code);
        await browser.post(path, { email: newEmail });
        given = { oldCode: not(codeTo(first.email)), newCode: not(codeTo(newEmail)) };
      }
      expect(codes.filter(code => code === 'code_wrong')).to.have.lengthOf(10);
    });

    it('is for the browser and the account that asked, for ten minutes, and until another is asked for', async () => {
      const { browser, email, newEmail, oldCode, newCode } = await asked();
      const phone = await test.signedIn(email);
      const eve = await test.host(newAddress());
      for (const other of [phone, eve]) {
        expect((await other.get(path)).body).to.deep.equal({ change: null });
        expect((await other.post(`${path}/confirm`, { oldCode, newCode })).body.code).to.equal(
          'code_unusable',
        );
      }
      expect((await browser.get(path)).body.change).to.include({ newEmail });
      const { rows } = await test.db.owner.query(
        `SELECT extract(epoch FROM expires_at - created_at)::int AS s FROM app.email_changes WHERE new_email = $1`,
        [newEmail],
      );
      expect(rows).to.deep.equal([{ s: 600 }]);
      await test.db.owner.query(`UPDATE app.email_changes SET expires_at = now() WHERE new_email = $1`, [
        newEmail,
      ]);
      expect((await browser.post(`${path}/confirm`, { oldCode, newCode })).body.code).to.equal(
        'code_unusable',
      );
      await browser.post(path, { email: newEmail });
      const codes = { oldCode: codeTo(email), newCode: codeTo(newEmail) };
      await browser.post(path, { email: newAddress() });
      expect((await browser.post(`${path}/confirm`, codes)).status).to.equal(401);
      expect(await me(browser)).to.include({ email });
    });

    it('is given up when one says so', async () => {
      const { browser, oldCode, newCode } = await asked();
      expect((await browser.delete(path)).status).to.equal(204);
      expect((await browser.get(path)).body).to.deep.equal({ change: null });
      expect((await browser.post(`${path}/confirm`, { oldCode, newCode })).body.code).to.equal(
        'code_unusable',
      );
    });

    it('asks alike for an address that somebody has; only who can read its mail learns of it', async () => {
      const taken = newAddress();
      await test.host(taken);
      const email = newAddress();
      const browser = await test.host(email);
      const answers = [
        await browser.post(path, { email: newAddress() }),
        await browser.post(path, { email: taken }),
      ];
      expect(answers.map(({ status }) => status)).to.deep.equal([202, 202]);
      expect(answers.map(({ body }) => Object.keys(body))).to.deep.equal([
        ['newEmail', 'expiresAt'],
        ['newEmail', 'expiresAt'],
      ]);
      const codes = { oldCode: codeTo(email), newCode: codeTo(taken) };
      const { status, body } = await browser.post(`${path}/confirm`, codes);
      expect([status, body.code]).to.deep.equal([409, 'conflict']);
      expect(await me(browser)).to.include({ email });
    });

    it('goes to one of two who want it at the same moment', async () => {
      const newEmail = newAddress();
      const wishes = [];
      for (const email of [newAddress(), newAddress()]) {
        const browser = await test.host(email);
        await browser.post(path, { email: newEmail });
        wishes.push({ browser, codes: { oldCode: codeTo(email), newCode: codeTo(newEmail) } });
      }
      const answers = await Promise.all(
        wishes.map(({ browser, codes }) => browser.post(`${path}/confirm`, codes)),
      );
      expect(answers.map(({ status }) => status).sort()).to.deep.equal([200, 409]);
    });

    it('does not go to whoever is a moment too late', async () => {
      const { browser, email, newEmail, oldCode, newCode } = await asked();
      const other = new pg.Client({ connectionString: test.db.ownerUrl });
      await other.connect();
      await other.query('BEGIN');
      await other.query('INSERT INTO app.accounts (email) VALUES ($1)', [newEmail]);
      const confirmed = browser.post(`${path}/confirm`, { oldCode, newCode });
      const waits = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
      while ((await test.db.owner.query(waits)).rowCount === 0);
      await other.query('COMMIT');
      await other.end();
      const { status, body } = await confirmed;
      expect([status, body.code]).to.deep.equal([409, 'conflict']);
      expect(await me(browser)).to.include({ email });
    });

    it('ends what was mailed to the old one', async () => {
      const { browser, email, oldCode, newCode } = await asked();
      const elsewhere = test.browser();
      await elsewhere.post('/api/v1/sign-in/codes', { email });
      const code = codeTo(email);
      await browser.post(`${path}/confirm`, { oldCode, newCode });
      expect((await elsewhere.post('/api/v1/sign-in', { email, code })).body.code).to.equal('code_unusable');
    });

    it('is refused when it is one’s own already, or asked for too often', async () => {
      const email = newAddress();
      const browser = await test.host(email);
      expect((await browser.post(path, { email })).body.code).to.equal('conflict');
      for (const _ of [1, 2])
        expect((await browser.post(path, { email: newAddress() })).status).to.equal(202);
      const { status, headers } = await browser.post(path, { email: newAddress() });
      expect(status).to.equal(429);
      expect(Number(headers.get('retry-after'))).to.be.within(1, 600);
    });

    it('stays within the mail domains where those are asked for', async () => {
      const closed = await startTestApp(test.db, { signUp: { domains: ['example.org'] } });
      const rita = await closed.host(newAddress());
      const { body } = await rita.post(path, { email: 'rita@example.com' });
      expect(body.detail).to.match(/mail domain/);
      expect((await rita.post(path, { email: newAddress() })).status).to.equal(202);
      await closed.close();
    });

    it('is written down in each of one’s organizations, or in none', async () => {
      const rita = await test.host(newAddress());
      await rita.post('/api/v1/organizations', { name: 'Sun Radio', region: 'fr' });
      const accountId = (await me(rita)).accountId as AccountId;
      const seen: string[] = [];
      const attempt = asAccountAndInEach(test.db.app, accountId, {
        own: tx => accounts.setProfile(tx, accountId, { displayName: 'Nobody' }),
        inEach: async tx => {
          const [row] = await tx.query<{ ids: string[] }>(
            'SELECT array_agg(DISTINCT organization_id)::text[] AS ids FROM app.audit_entries',
          );
          seen.push(...(row?.ids ?? []));
          if (seen.length === 2) throw new Error('given up in the second');
        },
      });
      expect(await attempt.catch(error => error.message)).to.equal('given up in the second');
      const organizations = (await me(rita)).organizations as { organizationId: string }[];
      expect(seen.toSorted()).to.deep.equal(organizations.map(each => each.organizationId).toSorted());
      expect(await me(rita)).to.include({ displayName: 'Rita' });
    });
  });
});
