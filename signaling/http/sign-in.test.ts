import { expect } from 'chai';
import type { Browser } from './fixtures/browser.ts';
import { useFreshTestApp, useTestApp } from './fixtures/test-app.ts';

describe('signing in', () => {
  // Rate limits are the app's own: each test has them fresh.
  const test = useFreshTestApp();
  let addresses = 0;

  const newAddress = () => `person-${++addresses}@example.org`;
  const ask = (browser: Browser, email: string) => browser.post('/api/v1/sign-in/codes', { email });
  const give = (browser: Browser, email: string, code: string) =>
    browser.post('/api/v1/sign-in', { email, code });
  /** Any code but that one. */
  const not = (code: string) => String((Number(code) + 1) % 1_000_000).padStart(6, '0');

  it('takes a new person from their address to their own organization', async () => {
    const browser = test.browser();
    const asked = await browser.post('/api/v1/sign-in/codes', { email: ' Rita@Example.org ' });
    expect(asked).to.include({ status: 202 });
    expect(asked.body).to.deep.equal({});
    const message = test.mail.messages.at(-1) ?? '';
    expect(message).to.match(/^To: rita@example\.org\r$/m);
    expect(message).to.contain('text/plain').and.to.contain('text/html');
    const code = test.mail.newestCode();

    const signedIn = await give(browser, 'rita@example.org', code);
    expect(signedIn.status).to.equal(200);
    expect(signedIn.body).to.include({ email: 'rita@example.org', displayName: null, organization: null });
    expect((await browser.get('/api/v1/sessions')).body).to.include({ code: 'conflict' });

    const named = await browser.patch('/api/v1/me', { displayName: 'Rita', organizationName: 'Moon Radio' });
    expect(named.body).to.deep.include({ displayName: 'Rita' });
    expect(named.body.organization).to.include({ name: 'Moon Radio', role: 'owner' });
    expect((await browser.get('/api/v1/me')).body).to.deep.equal(named.body);
    expect((await browser.get('/api/v1/sessions')).body).to.deep.equal({ sessions: [], next: null });
  });

  it('makes one organization, however often the first form is sent', async () => {
    const browser = test.browser();
    const email = newAddress();
    await ask(browser, email);
    await give(browser, email, test.mail.newestCode());
    const form = { displayName: 'Rita', organizationName: 'Moon Radio' };
    const answers = await Promise.all([1, 2, 3, 4].map(() => browser.patch('/api/v1/me', form)));
    expect(answers.map(answer => answer.status)).to.deep.equal([200, 200, 200, 200]);
    const { rows } = await test.db.owner.query(
      'SELECT count(*)::int AS n FROM app.memberships JOIN app.accounts USING (account_id) WHERE email = $1',
      [email],
    );
    expect(rows).to.deep.equal([{ n: 1 }]);
  });

  it('knows a person who comes back', async () => {
    const first = await test.host('rita@example.org');
    const again = await test.host('rita@example.org');
    expect((await again.get('/api/v1/me')).body).to.deep.equal((await first.get('/api/v1/me')).body);
  });

  it('counts wrong codes down, and then lets not even the right one in', async () => {
    const browser = test.browser();
    const email = newAddress();
    await ask(browser, email);
    const code = test.mail.newestCode();
    for (const left of ['4 tries are', '3 tries are', '2 tries are', '1 try is']) {
      const { status, body } = await give(browser, email, not(code));
      expect(status).to.equal(401);
      expect(body).to.include({ code: 'code_wrong', retryable: false, blame: 'caller' });
      expect(body.detail).to.contain(left);
    }
    expect((await give(browser, email, not(code))).body.detail).to.contain('Ask for a new one');
    expect((await give(browser, email, code)).body.code).to.equal('code_unusable');
  });

  it('evaluates at most 5 of 500 guesses made at once', async () => {
    const browser = test.browser();
    const email = newAddress();
    await ask(browser, email);
    const code = test.mail.newestCode();
    const guesses = Array.from({ length: 500 }, () => give(browser, email, not(code)));
    const codes = (await Promise.all(guesses)).map(answer => answer.body.code);
    // Whoever waits for too long, on a slow machine, is sent away without a look.
    const unseen = codes.filter(each => ['code_unusable', 'unavailable', 'too_many_requests'].includes(each));
    expect(codes.filter(each => each === 'code_wrong')).to.have.lengthOf(5);
    expect(unseen).to.have.lengthOf(495);
    const { rows } = await test.db.owner.query('SELECT attempts FROM app.sign_in_codes WHERE email = $1', [
      email,
    ]);
    expect(rows).to.deep.equal([{ attempts: 5 }]);
    expect((await give(browser, email, code)).body.code).to.equal('code_unusable');
  });

  it('lets a code sign in once, however many use it at the same time', async () => {
    const browser = test.browser();
    const email = newAddress();
    await ask(browser, email);
    const code = test.mail.newestCode();
    const answers = await Promise.all([1, 2, 3].map(() => give(browser, email, code)));
    expect(answers.map(answer => answer.status).sort()).to.deep.equal([200, 401, 401]);
    expect((await give(browser, email, code)).body.code).to.equal('code_unusable');
  });

  it('mails a link in place of a code after ten wrong guesses within an hour, and takes no code meanwhile', async () => {
    const email = newAddress();
    const attacker = test.browser();
    for (const _ of [1, 2]) {
      await ask(attacker, email);
      const code = test.mail.newestCode();
      for (let guess = 0; guess < 5; guess += 1) await give(attacker, email, not(code));
    }
    const owner = test.browser();
    const asked = await ask(owner, email);
    expect([asked.status, asked.body]).to.deep.equal([202, {}]);
    const token = test.mail.linkTo('/sign-in');
    for (const wrong of [attacker, test.browser()])
      expect((await wrong.post('/api/v1/sign-in/link', { token })).body.code).to.equal(
        'sign_in_link_unusable',
      );
    const answers = await Promise.all([1, 2, 3].map(() => owner.post('/api/v1/sign-in/link', { token })));
    expect(answers.map(({ status }) => status).sort()).to.deep.equal([200, 401, 401]);
    expect((await owner.get('/api/v1/me')).body).to.include({ email });
    // An hour later codes are mailed again.
    await test.db.owner.query(
      `UPDATE app.sign_in_codes SET created_at = created_at - interval '1 hour' WHERE email = $1`,
      [email],
    );
    await ask(owner, email);
    expect((await give(owner, email, test.mail.newestCode())).status).to.equal(200);
  });

  it('evaluates ten guesses an hour, over however many codes', async () => {
    const browser = test.browser();
    const email = newAddress();
    const evaluated: number[] = [];
    for (const guesses of [5, 3, 4]) {
      await ask(browser, email);
      const code = test.mail.newestCode();
      const answers = await Promise.all(
        Array.from({ length: guesses }, () => give(browser, email, not(code))),
      );
      evaluated.push(answers.filter(({ body }) => body.code === 'code_wrong').length);
    }
    expect(evaluated).to.deep.equal([5, 3, 2]);
  });

  it('refuses an expired code', async () => {
    const browser = test.browser();
    const email = newAddress();
    await ask(browser, email);
    await test.db.owner.query(`UPDATE app.sign_in_codes SET expires_at = now() - interval '1 second'`);
    expect((await give(browser, email, test.mail.newestCode())).body.code).to.equal('code_unusable');
  });

  it('lets a code live for ten minutes', async () => {
    const email = newAddress();
    await ask(test.browser(), email);
    const { rows } = await test.db.owner.query(
      `SELECT extract(epoch FROM expires_at - created_at)::int AS s FROM app.sign_in_codes WHERE email = $1`,
      [email],
    );
    expect(rows).to.deep.equal([{ s: 600 }]);
  });

  it('ends older codes when a new one is asked for', async () => {
    const browser = test.browser();
    const email = newAddress();
    await ask(browser, email);
    const older = test.mail.newestCode();
    await ask(browser, email);
    const newer = test.mail.newestCode();
    if (older !== newer) expect((await give(browser, email, older)).body.code).to.equal('code_wrong');
    expect((await give(browser, email, newer)).status).to.equal(200);
  });

  it('binds a code to the browser that asked, and to the address', async () => {
    const browser = test.browser();
    const email = newAddress();
    await ask(browser, email);
    const code = test.mail.newestCode();
    const other = test.browser();
    expect((await give(other, email, code)).body.code).to.equal('code_unusable');
    await ask(other, newAddress());
    expect((await give(other, email, code)).body.code).to.equal('code_unusable');
    expect((await give(browser, newAddress(), code)).body.code).to.equal('code_unusable');
    expect((await give(browser, email, code)).status).to.equal(200);
  });

  it('answers alike for known and unknown addresses', async () => {
    await test.host('known@example.org');
    const known = await ask(test.browser(), 'known@example.org');
    const unknown = await ask(test.browser(), 'unknown@example.org');
    expect([known.status, known.body]).to.deep.equal([unknown.status, unknown.body]);
    expect(test.mail.messages).to.have.lengthOf(3);
  });

  it('limits how many codes one address is sent, and says how long to wait', async () => {
    const email = newAddress();
    for (let i = 0; i < 5; i += 1) expect((await ask(test.browser(), email)).status).to.equal(202);
    const { status, body, headers } = await ask(test.browser(), email);
    expect(status).to.equal(429);
    expect(body).to.include({ code: 'too_many_requests', retryable: true });
    expect(Number(headers.get('retry-after'))).to.be.within(1, 180);
    expect((await ask(test.browser(), newAddress())).status).to.equal(202);
  });

  it('says so when the mail server is away', async () => {
    await test.mail.close();
    const { status, body } = await ask(test.browser(), newAddress());
    expect(status).to.equal(503);
    expect(body).to.include({ code: 'unavailable', retryable: true, blame: 'upstream' });
    expect(body.detail).to.contain('mail server');
  });

  it('keeps the web session in an HttpOnly cookie, new at every sign-in', async () => {
    const browser = await test.host('rita@example.org');
    const name = 'cratersync-session';
    const attributes = (browser.attributes.get(name) ?? '').split(';').map(part => part.trim());
    expect(attributes).to.include.members(['HttpOnly', 'SameSite=Lax', 'Path=/']);
    expect(attributes).not.to.include('Secure');
    const old = browser.cookies.get(name) ?? '';
    expect(Buffer.from(old, 'base64url')).to.have.lengthOf(32);

    await ask(browser, 'rita@example.org');
    await give(browser, 'rita@example.org', test.mail.newestCode());
    expect(browser.cookies.get(name)).to.be.a('string').and.not.equal(old);
    expect((await browser.get('/api/v1/me')).status).to.equal(200);
    browser.cookies.set(name, old);
    expect((await browser.get('/api/v1/me')).body.code).to.equal('not_signed_in');
  });

  it('ends a session by signing out', async () => {
    const browser = await test.host('rita@example.org');
    const token = browser.cookies.get('cratersync-session') ?? '';
    expect((await browser.post('/api/v1/sign-out')).status).to.equal(204);
    expect(browser.cookies.has('cratersync-session')).to.equal(false);
    browser.cookies.set('cratersync-session', token);
    expect((await browser.get('/api/v1/me')).status).to.equal(401);
  });

  for (const [limit, change] of [
    ['14 days without a visit', `last_seen_at = now() - interval '14 days 1 second'`],
    ['30 days', `expires_at = now() - interval '1 second'`],
  ] as const) {
    it(`ends a session after ${limit}`, async () => {
      const browser = await test.host('rita@example.org');
      await test.db.owner.query(
        `UPDATE app.web_sessions SET last_seen_at = now() - interval '13 days 23 hours'`,
      );
      expect((await browser.get('/api/v1/me')).status).to.equal(200);
      await test.db.owner.query(`UPDATE app.web_sessions SET ${change}`);
      expect((await browser.get('/api/v1/me')).body.code).to.equal('not_signed_in');
    });
  }

  it('tells somebody of a sign-in where they never were, once, and not of their first', async () => {
    const email = newAddress();
    const notices = () =>
      test.mail.messages.filter(each => /^Subject: New sign-in/m.test(each) && each.includes(email));
    const first = await test.host(email);
    await ask(first, email);
    await give(first, email, test.mail.newestCode());
    await test.deliverLetters();
    expect(notices()).to.have.lengthOf(0);
    const second = test.browser();
    await ask(second, email);
    const userAgent = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
    const body = { email, code: test.mail.newestCode() };
    await second.send('POST', '/api/v1/sign-in', body, { 'user-agent': userAgent });
    await test.deliverLetters();
    expect(notices()).to.have.lengthOf(1);
    expect(notices()[0]).to.contain('Firefox on Linux');
    await ask(second, email);
    await give(second, email, test.mail.newestCode());
    await test.deliverLetters();
    expect(notices()).to.have.lengthOf(1);
  });

  it('lists where somebody is signed in, and signs out one of them or all', async () => {
    const email = newAddress();
    const [here, there, elsewhere] = [await test.host(email), await test.host(email), await test.host(email)];
    const stranger = await test.host(newAddress());
    const list = async (browser: Browser) =>
      (await browser.get('/api/v1/me/devices')).body.devices as { deviceId: string; isThis: boolean }[];
    expect(await list(here)).to.have.lengthOf(3);
    const [other] = (await list(there)).filter(device => device.isThis);
    const path = `/api/v1/me/devices/${other?.deviceId}`;
    expect((await stranger.delete(path)).status).to.equal(404);
    expect((await here.delete(path)).status).to.equal(204);
    expect((await here.delete(path)).status).to.equal(404);
    expect((await there.get('/api/v1/me')).status).to.equal(401);
    expect(await list(here)).to.have.lengthOf(2);
    expect((await here.post('/api/v1/sign-out/everywhere')).status).to.equal(204);
    expect((await elsewhere.get('/api/v1/me')).status).to.equal(401);
    expect((await stranger.get('/api/v1/me')).status).to.equal(200);
  });

  it('leaves nothing in the database that could be used', async () => {
    const browser = test.browser();
    const email = newAddress();
    await ask(browser, email);
    const code = test.mail.newestCode();
    await give(browser, email, code);
    const secrets = [code, ...browser.cookies.values()];
    const { rows } = await test.db.owner.query(
      `SELECT row_to_json(c)::text AS row FROM app.sign_in_codes c
       UNION ALL SELECT row_to_json(w)::text FROM app.web_sessions w
       UNION ALL SELECT row_to_json(d)::text FROM app.devices d`,
    );
    expect(rows.length).to.be.at.least(3);
    for (const { row } of rows) {
      for (const secret of secrets) {
        expect(row).not.to.contain(secret);
        expect(row).not.to.contain(Buffer.from(secret).toString('hex'));
        if (secret !== code) expect(row).not.to.contain(Buffer.from(secret, 'base64url').toString('hex'));
      }
    }
  });
});

describe('cookies over TLS', () => {
  const test = useTestApp({ publicUrl: 'https://record.example.org' });

  it('are pinned to the host', async () => {
    const browser = test.browser();
    const headers = { origin: 'https://record.example.org' };
    await browser.send('POST', '/api/v1/sign-in/codes', { email: 'rita@example.org' }, headers);
    const form = { email: 'rita@example.org', code: test.mail.newestCode() };
    await browser.send('POST', '/api/v1/sign-in', form, headers);
    expect(browser.attributes.get('__Host-cratersync-session')).to.match(/; Secure/);
    expect(browser.attributes.get('__Host-cratersync-session')).to.match(/Path=\//);
    expect((await browser.get('/api/v1/me')).headers.get('strict-transport-security')).to.be.a('string');
  });
});
