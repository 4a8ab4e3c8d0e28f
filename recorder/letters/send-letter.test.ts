import {
  asAccount,
  deadLetters,
  inOrganization,
  letters,
  unreachableAddresses,
  unscoped,
} from '@cratersync/db';
import { createTenant, createTestDatabase, type Tenant, type TestDatabase } from '@cratersync/db/testing';
import { masked } from '@cratersync/signaling/mail';
import type { Letter } from '@cratersync/signaling/protocol';
import { type MailServer, startMailServer } from '@cratersync/signaling/testing';
import { expect } from 'chai';
import { deliverLetters } from './fixtures/deliver-letters.ts';

const letterFrom = (device: string): Letter => ({
  ...{ kind: 'new-device', device, address: '192.0.2.7', at: new Date('2026-11-25T10:15:00Z') },
});
const receipt: Letter = {
  ...{ kind: 'receipt', organization: 'Moon Radio', amount: 2900, currency: 'eur', number: 'MOON-7' },
  paidAt: new Date('2026-11-25T10:15:00Z'),
};

describe('letters', () => {
  let database: TestDatabase;
  let tenant: Tenant;
  let mail: MailServer;
  let email: string;

  before(async () => {
    database = await createTestDatabase();
    tenant = await createTenant(database);
  });
  beforeEach(async () => {
    mail = await startMailServer();
    for (const table of ['graphile_worker._private_jobs', 'app.dead_letters', 'app.unreachable_addresses'])
      await database.owner.query(`DELETE FROM ${table}`);
    const { rows } = await database.owner.query('SELECT email FROM app.accounts WHERE account_id = $1', [
      tenant.accountId,
    ]);
    email = rows[0].email;
  });
  afterEach(() => mail.close());
  after(() => database.close());

  const queue = (letter: Letter, key?: string) =>
    inOrganization(database.app, tenant.organizationId, tx =>
      letters.queue(tx, tenant.accountId, letter, key === undefined ? {} : { key }),
    );
  const deliver = () => deliverLetters(database.workerUrl, mail.port);
  const waiting = async () => {
    const { rows } = await database.owner.query(
      // What is done may still be on its way out.
      'SELECT attempts FROM graphile_worker._private_jobs WHERE locked_at IS NULL',
    );
    return rows.map(({ attempts }) => attempts);
  };
  /** Another mail server, which refuses as it is told. */
  const serve = async (refuse: (address: string) => string | null) => {
    await mail.close();
    mail = await startMailServer(0, { refuse });
  };
  const dead = async () =>
    (await unscoped(database.worker, deadLetters.all)).map(({ letterId: _, failedAt: __, ...rest }) => rest);
  /** As if the time until the next attempt had passed. */
  const passTime = () => database.owner.query('UPDATE graphile_worker._private_jobs SET run_at = now()');

  it('are written in the language, and to the address, that their reader has when they are sent', async () => {
    await asAccount(database.app, tenant.accountId, tx =>
      letters.queue(tx, tenant.accountId, letterFrom('Firefox sous Linux')),
    );
    await database.owner.query(
      `UPDATE app.accounts SET language = 'fr', email = 'ada@nouveau.example', time_zone = 'Europe/Paris' WHERE account_id = $1`,
      [tenant.accountId],
    );
    await deliver();
    expect(mail.messages).to.have.lengthOf(1);
    expect(mail.messages[0]).to.match(/^To: ada@nouveau\.example\r$/m);
    expect(mail.messages[0]).to.match(/^Message-ID: <letter-\d+\.\w+\.[\w-]{22}@example\.org>\r$/m);
    expect(mail.messages[0]).to.contain('Firefox sous Linux').and.to.contain('11:15');
    expect(await waiting()).to.deep.equal([]);
  });

  it('wait for a mail server that is away, and are sent once it is back', async () => {
    await queue(letterFrom('Safari'));
    const { port } = mail;
    await mail.close();
    await deliverLetters(database.workerUrl, port);
    expect(await waiting()).to.deep.equal([1]);
    mail = await startMailServer(port);
    await passTime();
    await deliver();
    expect(mail.messages).to.have.lengthOf(1);
    expect(await waiting()).to.deep.equal([]);
  });

  it('have one Message-ID, however often they are sent', async () => {
    await queue(letterFrom('Opera'));
    const { port } = mail;
    await mail.close();
    const taken: string[] = [];
    const hold = async (message: string) => {
      taken.push(message);
      if (taken.length === 1) throw new Error('the disk is full');
    };
    mail = await startMailServer(port, { hold });
    await deliver();
    await passTime();
    await deliver();
    const ids = taken.map(message => /^Message-ID: (.*)\r$/m.exec(message)?.[1]);
    expect(ids).to.have.lengthOf(2);
    expect(ids[0]).to.equal(ids[1]);
  });

  it('are kept with what the mail server said when it will never take them, and are not tried again', async () => {
    await serve(() => '554 5.7.1 no spam, please');
    await queue(letterFrom('Chromium'));
    await deliver();
    expect(mail.asked).to.have.lengthOf(1);
    expect(await waiting()).to.deep.equal([]);
    expect(await dead()).to.deep.equal([
      {
        kind: 'new-device',
        address: masked(email),
        reason: 'refused',
        words: '554 5.7.1 no spam, please',
        attempts: 1,
      },
    ]);
    await queue(receipt);
    await serve(() => null);
    await deliver();
    expect(mail.messages, 'the address is not to blame').to.have.lengthOf(1);
  });

  it('are kept when they failed as often as they may', async () => {
    await queue(receipt);
    await database.owner.query('UPDATE graphile_worker._private_jobs SET attempts = max_attempts - 1');
    await serve(() => '451 4.3.0 not now');
    await deliver();
    expect(await waiting()).to.deep.equal([]);
    expect(await dead()).to.deep.equal([
      {
        kind: 'receipt',
        address: masked(email),
        reason: 'used-up',
        words: '451 4.3.0 not now',
        attempts: 25,
      },
    ]);
  });

  it('that can wait do not go where nothing arrives, until somebody has read mail there', async () => {
    await serve(address => `550 5.1.1 <${address}> is nobody`);
    await queue(receipt);
    await deliver();
    expect(mail.asked).to.have.lengthOf(1);
    await serve(() => null);
    await queue(receipt);
    await deliver();
    expect(mail.asked).to.deep.equal([]);
    const about = { kind: 'receipt', address: masked(email), words: '550 5.1.1 <[address]> is nobody' };
    expect(await dead()).to.deep.equal([
      { ...about, reason: 'held-back', attempts: 0 },
      { ...about, reason: 'bounced', attempts: 1 },
    ]);
    await queue(letterFrom('a thief’s phone'));
    await deliver();
    expect(mail.messages, 'what cannot wait').to.have.lengthOf(1);
    await unscoped(database.app, tx => unreachableAddresses.clear(tx, email));
    await queue(receipt);
    await deliver();
    expect(mail.messages).to.have.lengthOf(2);
  });

  it('all rest when the mail server wants less at once, and lose no attempt by it', async () => {
    await serve(() => '451 4.7.0 Too many messages, slow down');
    for (const device of ['one', 'two', 'three']) await queue(letterFrom(device));
    await deliver();
    expect(mail.asked, 'asked once').to.have.lengthOf(1);
    expect(await waiting()).to.deep.equal([0, 0, 0]);
    await serve(() => null);
    await deliver();
    expect(mail.asked, 'not yet').to.deep.equal([]);
    await passTime();
    await deliver();
    expect(mail.messages).to.have.lengthOf(3);
  });

  it('that are more than one address is to get wait, and lose no attempt by it', async () => {
    for (const device of ['one', 'two', 'three']) await queue(letterFrom(device));
    await deliverLetters(database.workerUrl, mail.port, { lettersPerHour: 2 });
    expect(mail.messages).to.have.lengthOf(2);
    expect(await waiting()).to.deep.equal([0]);
    await passTime();
    await deliver();
    expect(mail.messages).to.have.lengthOf(3);
  });

  it('are replaced, while they wait, by one with the same key', async () => {
    await queue(letterFrom('an old one'), 'the same');
    await queue(letterFrom('a new one'), 'the same');
    await deliver();
    expect(mail.messages).to.have.lengthOf(1);
    expect(mail.messages[0]).to.contain('a new one');
  });

  it('are queued for nobody outside the scope', async () => {
    const forged = inOrganization(database.app, tenant.organizationId, tx =>
      tx.query(`SELECT app.enqueue_job('send-letter', $1, 'key')`, [
        JSON.stringify({ accountId: tenant.accountId, to: tenant.accountId, letter: letterFrom('x') }),
      ]),
    ).catch(error => error.message);
    expect(await forged).to.match(/whoever is in scope/);
  });
});
