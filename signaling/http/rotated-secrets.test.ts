import { createTestDatabase, type TestDatabase } from '@cratersync/db/testing';
import { Signer } from '@cratersync/infra/runtime';
import { expect } from 'chai';
import { Browser } from './fixtures/browser.ts';
import { codePepper, sealingKey, startTestApp, type TestApp } from './fixtures/test-app.ts';

const newPepper = 'another pepper that only the server knows';
const newSealingKey = 'another key that is not in the database';

describe('secrets that were rotated', () => {
  let db: TestDatabase;
  let before_: TestApp;
  const apps: TestApp[] = [];
  before(async () => {
    db = await createTestDatabase();
  });
  beforeEach(async () => {
    before_ = await start({});
  });
  afterEach(() => Promise.all(apps.splice(0).map(app => app.close())));
  after(() => db.close());

  async function start(
    secrets: NonNullable<Parameters<typeof startTestApp>[1]>['secrets'],
  ): Promise<TestApp> {
    const app = await startTestApp(db, secrets === undefined ? {} : { secrets });
    apps.push(app);
    return app;
  }
  /** The same browser, at the server that came in the place of the other. */
  function moved(browser: Browser, to: TestApp): Browser {
    const own = new Browser(to.origin);
    for (const [name, value] of browser.cookies) own.cookies.set(name, value);
    return own;
  }

  it('leave a code that was mailed before it good, and not for longer than the old pepper is known', async () => {
    const browser = before_.browser();
    const email = 'ada@example.org';
    await browser.post('/api/v1/sign-in/codes', { email });
    const code = before_.mail.newestCode();
    const without = await start({ CODE_PEPPER: newPepper });
    expect((await moved(browser, without).post('/api/v1/sign-in', { email, code })).body).to.include({
      code: 'code_wrong',
    });
    const rotated = await start({ CODE_PEPPER: newPepper, CODE_PEPPER_PREVIOUS: codePepper });
    const signedIn = await moved(browser, rotated).post('/api/v1/sign-in', { email, code });
    expect(signedIn.body).to.include({ email });
    // What is mailed from now on is bound to the new one alone.
    await browser.post('/api/v1/sign-in/codes', { email });
    const later = rotated.browser();
    await later.post('/api/v1/sign-in/codes', { email: 'eve@example.org' });
    const newest = rotated.mail.newestCode();
    const onlyNew = await start({ CODE_PEPPER: newPepper });
    const given = await moved(later, onlyNew).post('/api/v1/sign-in', {
      email: 'eve@example.org',
      code: newest,
    });
    expect(given.body).to.include({ email: 'eve@example.org' });
  });

  it('leave kept answers to be had again, and earlier receipts’ key to be seen', async () => {
    const rita = await before_.host('rita@example.org');
    const key = { 'idempotency-key': 'the same one' };
    const made = await rita.send('POST', '/api/v1/sessions', { title: 'Moon' }, key);
    const rotated = await start({
      SEALING_KEY: newSealingKey,
      SEALING_KEY_PREVIOUS: sealingKey,
      RECEIPT_KEYS_FORMER: ['a-key-from-long-ago'],
    });
    const again = await moved(rita, rotated).send('POST', '/api/v1/sessions', { title: 'Moon' }, key);
    expect(again.body).to.deep.equal(made.body);
    expect((await moved(rita, rotated).get('/api/v1/deletions')).body).to.deep.include({
      receiptKey: new Signer(newSealingKey).publicKey,
      formerReceiptKeys: ['a-key-from-long-ago', new Signer(sealingKey).publicKey],
    });
  });
});
