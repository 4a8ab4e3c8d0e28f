import { asAccount, letters } from '@cratersync/db';
import { createTenant, createTestDatabase, type TestDatabase } from '@cratersync/db/testing';
import { deliverLetters } from '@cratersync/recorder/testing';
import { expect } from 'chai';
import { mailConfigTo } from './fixtures/mail-config.ts';
import { startMailServer } from './fixtures/mail-server.ts';
import { createMailer } from './mailer.ts';

const LETTERS = 10;
const INVITATIONS = 12;
const reader = (email: string) => ({ email, language: 'en', timeZone: null }) as const;

describe('a sign-in code', () => {
  let database: TestDatabase;
  before(async () => {
    database = await createTestDatabase();
  });
  after(() => database.close());

  it('is taken before all letters and invitations that a slow mail server has not taken yet', async () => {
    const { accountId } = await createTenant(database);
    for (let n = 0; n < LETTERS; n += 1)
      await asAccount(database.app, accountId, tx =>
        letters.queue(tx, accountId, { kind: 'organization-kept', organizationName: `No. ${n}`, by: 'Rita' }),
      );
    const letGo = Promise.withResolvers<void>();
    const isBusy = Promise.withResolvers<void>();
    let held = 0;
    const server = await startMailServer(0, {
      hold: async message => {
        if (/^Subject: 012345 /m.test(message)) return;
        held += 1;
        // One letter, and as many invitations as it is given at the same time.
        if (held === 6) isBusy.resolve();
        await letGo.promise;
      },
    });
    const mailer = createMailer(mailConfigTo(server.port));
    const delivering = deliverLetters(database.workerUrl, server.port);
    const invited = {
      invitedBy: 'Rita',
      organizationName: 'Moon',
      role: 'member',
      url: 'https://x.org',
    } as const;
    const inviting = Array.from({ length: INVITATIONS }, (_, n) =>
      mailer.sendMemberInvitation(reader(`guest-${n}@example.org`), invited),
    );
    await isBusy.promise;
    await mailer.sendSignInCode(reader('rita@example.org'), '012345');
    expect(server.messages).to.have.lengthOf(1);
    letGo.resolve();
    await Promise.all([delivering, ...inviting]);
    expect(server.messages).to.have.lengthOf(1 + LETTERS + INVITATIONS);
    mailer.close();
    await server.close();
  });
});
