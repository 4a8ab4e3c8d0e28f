import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inOrganization, letters, unreachableAddresses, unscoped } from '@cratersync/db';
import { createTenant, createTestDatabase, type Tenant, type TestDatabase } from '@cratersync/db/testing';
import { deliverLetters } from '@cratersync/recorder/testing';
import { messageOf, openPost } from '@cratersync/signaling/mail';
import { letter } from '@cratersync/signaling/protocol';
import { type MailServer, mailConfigTo, notification, startMailServer } from '@cratersync/signaling/testing';
import { expect } from 'chai';
import { exitCodes, UsageError } from './command.ts';
import { ran } from './fixtures/ran.ts';
import { mail } from './mail.ts';

describe('cratersync mail', () => {
  const run = (...args: string[]) => ran(mail, args);
  const runWith = async (env: NodeJS.ProcessEnv, input: string, args: string[]) => {
    const { code, out } = await ran(mail, args, env, input);
    return { code, out };
  };

  it('shows every letter that there is, in both languages', async () => {
    const kinds = letter.options.map(option => option.shape.kind.value);
    const texts = new Set<string>();
    for (const language of ['en', 'fr']) {
      const { code, out } = await run('preview', '--language', language);
      expect(code).to.equal(exitCodes.holds);
      for (const kind of [...kinds, 'sign-in-code', 'sign-in-link', 'member-invitation', 'address-changed']) {
        expect(out).to.contain(`── ${kind}\nSubject: `);
        texts.add((await run('preview', kind, '--language', language)).out);
      }
      expect(out).not.to.match(/undefined|NaN|Invalid Date|\[object/);
    }
    expect(texts).to.have.property('size', 2 * (kinds.length + 4));
  });

  it('writes them as text and HTML', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'cratersync-mail-'));
    await run('preview', 'receipt', '--language', 'fr', '--out', folder);
    expect(await readdir(folder)).to.have.members(['receipt.txt', 'receipt.html']);
    expect(await readFile(join(folder, 'receipt.html'), 'utf8')).to.contain('<html lang="fr">');
    expect(await readFile(join(folder, 'receipt.txt'), 'utf8')).to.match(/^Subject: .*\n\n[^<]*$/);
    await rm(folder, { recursive: true });
  });

  it('says what there is to whoever asks for something else', async () => {
    const wrong = [
      ...[[], ['send'], ['preview', 'postcard'], ['preview', '--language', 'de'], ['failed', '1']],
      ...[['retry'], ['retry', 'x'], ['drop', '0'], ['bounce', 'message.txt']],
    ];
    for (const args of wrong) {
      const refused = await run(...args).catch((error: unknown) => error);
      expect(refused, args.join(' ')).to.be.instanceOf(UsageError);
    }
  });

  describe('for what did not arrive', () => {
    let database: TestDatabase;
    let tenant: Tenant;
    let server: MailServer;
    let email: string;
    const SEALING_KEY = 'a key that the mail server does not have';
    before(async () => {
      database = await createTestDatabase();
      tenant = await createTenant(database);
      const { rows } = await database.owner.query('SELECT email FROM app.accounts WHERE account_id = $1', [
        tenant.accountId,
      ]);
      email = rows[0].email;
    });
    beforeEach(async () => {
      server = await startMailServer();
    });
    afterEach(() => server.close());
    after(() => database.close());

    const queue = (organizationName: string) =>
      inOrganization(database.app, tenant.organizationId, tx =>
        letters.queue(tx, tenant.accountId, { kind: 'organization-kept', organizationName, by: 'Rita' }),
      );
    const deliver = () => deliverLetters(database.workerUrl, server.port);
    const known = () => unscoped(database.app, tx => unreachableAddresses.of(tx, email));
    const asOwner = (...args: string[]) => runWith({ DATABASE_URL: database.ownerUrl }, '', args);
    /** Of the mail server's pipe: with the application's rights alone. */
    const piped = (input: string, url = database.appUrl) =>
      runWith({ DATABASE_URL: url, SEALING_KEY }, input, ['bounce']);
    const failed = async () => JSON.parse((await asOwner('failed', '--json')).out) as { letterId: number }[];

    it('lists letters that were given up, and sends them anew or drops them', async () => {
      await server.close();
      server = await startMailServer(0, { refuse: '550 5.1.1 nobody' });
      for (const name of ['Sun', 'Moon', 'Star']) await queue(name);
      await deliver();
      const { out } = await asOwner('failed');
      expect(out.split('\n')).to.have.lengthOf(3);
      expect(out).to.match(
        /^\d+ +organization-kept +\S+ \S+ {2}\S\*\*\*@\S+ {2}1 attempt {2}bounced: 550 5\.1\.1 nobody$/m,
      );
      expect(out, 'its words for the two that were not tried').to.match(/0 attempts {2}held-back: 550/);
      expect(out).not.to.contain(email);
      const [first, second] = await failed();
      await server.close();
      server = await startMailServer();
      expect((await asOwner('drop', String(first?.letterId))).code).to.equal(exitCodes.holds);
      expect(await asOwner('retry', String(second?.letterId))).to.include({ code: exitCodes.holds });
      await deliver();
      expect(server.messages, 'sent, whatever was known').to.have.lengthOf(1);
      const gone = await asOwner('retry', String(first?.letterId));
      expect(gone.code).to.equal(exitCodes.doesNotHold);
      expect(gone.out).to.contain(`There is no letter ${first?.letterId}`);
      expect((await asOwner('retry', '--all')).out).to.equal('1 will be sent anew, while a worker runs.');
      await deliver();
      expect(server.messages).to.have.lengthOf(2);
      expect((await asOwner('failed')).out).to.equal('There are none.');
    });

    it('notes what a mail server returned: of what was sent from here, and of nobody else', async () => {
      await unscoped(database.app, tx => unreachableAddresses.clear(tx, email));
      const post = openPost(mailConfigTo(server.port, {}, SEALING_KEY));
      const kept = { kind: 'organization-kept', organizationName: 'Moon', by: 'Rita' } as const;
      await post.send(email, messageOf({ email, language: 'en', timeZone: null }, kept));
      post.close();
      const id = /^Message-ID:\s+<(.+)@example\.org>/m.exec(server.messages[0] ?? '')?.[1] ?? '';
      const forged = await piped(notification({ email: 'rita@example.org', id }));
      expect(forged).to.deep.equal({
        code: exitCodes.holds,
        out: 'Nothing is noted: nothing in it was sent from here lately.',
      });
      expect(await known()).to.equal(null);
      expect((await piped('no notification')).code).to.equal(exitCodes.holds);
      const away = await piped(notification({ email, id }), 'postgres://x@127.0.0.1:1/x');
      expect(away.code, 'kept by the mail server, and tried again').to.equal(75);
      const taken = await piped(notification({ email, id }));
      expect(taken.out).to.match(/^Noted: .*User unknown/);
      expect(await known()).to.deep.include({
        words: '550 5.1.1 <[address]>: Recipient address rejected: User unknown',
      });
      await queue('Sun');
      await deliver();
      expect((await asOwner('failed')).out).to.match(/held-back: 550 5\.1\.1/);
    });
  });
});
