import { asAccount, inOrganization, letters } from '@cratersync/db';
import { createTenant, createTestDatabase, type Tenant, type TestDatabase } from '@cratersync/db/testing';
import type { Letter } from '@cratersync/signaling/protocol';
import { type MailServer, startMailServer } from '@cratersync/signaling/testing';
import { expect } from 'chai';
import { deliverLetters } from './fixtures/deliver-letters.ts';

const letterFrom = (device: string): Letter => ({
  ...{ kind: 'new-device', device, address: '192.0.2.7', at: new Date('2026-11-25T10:15:00Z') },
});

describe('letters', () => {
  let database: TestDatabase;
  let tenant: Tenant;
  let mail: MailServer;

  before(async () => {
    database = await createTestDatabase();
    tenant = await createTenant(database);
    await database.owner.query('DELETE FROM graphile_worker._private_jobs');
  });
  beforeEach(async () => {
    mail = await startMailServer();
  });
  afterEach(() => mail.close());
  after(() => database.close());

  const queue = (letter: Letter, key?: string) =>
    inOrganization(database.app, tenant.organizationId, tx =>
      letters.queue(tx, tenant.accountId, letter, key === undefined ? {} : { key }),
    );
  const deliver = () => deliverLetters(database.workerUrl, mail.port);
  const waiting = async () => {
    const { rows } = await database.owner.query('SELECT attempts FROM graphile_worker._private_jobs');
    return rows.map(({ attempts }) => attempts);
  };
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
    expect(mail.messages[0]).to.match(/^Message-ID: <letter-\d+@example\.org>\r$/m);
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

  it('are given up when the mail server will never take them', async () => {
    await mail.close();
    mail = await startMailServer(0, { refuse: 'no such mailbox' });
    await queue(letterFrom('Chromium'));
    await deliver();
    expect(mail.messages).to.deep.equal([]);
    expect(await waiting()).to.deep.equal([]);
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
