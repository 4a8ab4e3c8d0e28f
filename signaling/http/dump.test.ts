import { argon2, createHash, createHmac, randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { inOrganization, recordings } from '@cratersync/db';
import { expect } from 'chai';
import { recordingId as asRecordingId, type SessionId } from '../protocol/index.ts';
import { type Answer, Browser } from './fixtures/browser.ts';
import { codePepper, useTestApp } from './fixtures/test-app.ts';

const derive = promisify(argon2);
const isUuid = (text: string) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);

/** One value of the database, as text. */
interface Cell {
  column: string;
  type: string;
  text: string;
}

/** A browser that notes everything secret it was ever given: cookies, credentials, links. */
class WatchedBrowser extends Browser {
  readonly given = new Set<string>();

  override async send(...request: Parameters<Browser['send']>): Promise<Answer> {
    const answer = await super.send(...request);
    for (const secret of [...this.cookies.values(), ...secretsIn(answer.body)])
      if (!isUuid(secret)) this.given.add(secret);
    return answer;
  }
}

/** What looks like a random secret, wherever in an answer it stands: also behind the # of a link. */
function secretsIn(body: unknown): string[] {
  const words = JSON.stringify(body ?? null).match(/[A-Za-z0-9_-]{20,}/g) ?? [];
  return words.filter(word => !isUuid(word));
}

describe('a copy of the database', function () {
  this.timeout(120_000);
  const test = useTestApp();
  const browsers: WatchedBrowser[] = [];
  const codes = new Set<string>();

  function browser(): WatchedBrowser {
    const made = new WatchedBrowser(test.origin);
    browsers.push(made);
    return made;
  }
  const ask = (of: Browser, email: string) => of.post('/api/v1/sign-in/codes', { email });
  async function signIn(of: Browser, email: string): Promise<void> {
    await ask(of, email);
    expect((await of.post('/api/v1/sign-in', { email, code: newestCode() })).status).to.equal(200);
  }
  function newestCode(): string {
    const code = test.mail.newestCode();
    codes.add(code);
    return code;
  }
  /** The links in all mail, by their token. */
  const mailed = () =>
    test.mail.messages.flatMap(message => {
      const text = message.replace(/=\r\n/g, '').replaceAll('=3D', '=');
      return [...text.matchAll(/#([\w-]{22})(?![\w-])/g)].map(([, token = '']) => token);
    });

  /** Everything that is a secret in the life of an account, an organization and a guest. */
  async function live(): Promise<void> {
    const [rita, phone, ada, guest] = [browser(), browser(), browser(), browser()];
    await signIn(rita, 'rita@example.org');
    await rita.patch('/api/v1/me', { displayName: 'Rita', organizationName: 'Moon Radio' });
    await signIn(phone, 'rita@example.org');
    await phone.post('/api/v1/sign-out', {});
    const { body: session } = await rita.post('/api/v1/sessions', { title: 'Moon talk' });
    const path = `/api/v1/sessions/${session.sessionId}`;
    const { body: link } = await rita.post(`${path}/invitations`);
    const { body: hostSeat } = await rita.post(`${path}/host-seat`);
    expect(hostSeat.credential).to.be.a('string');
    const token = String(link.url).split('#')[1];
    const { body: seat } = await guest.post('/api/v1/join', { token, displayName: 'Zoë' });
    expect(seat.credential).to.be.a('string');
    const email = 'ada@example.org';
    await rita.post('/api/v1/organization/invitations', { email, role: 'member' });
    const invitation = test.mail.linkTo('/invitation');
    await signIn(ada, email);
    await ada.post('/api/v1/member-invitations/accept', { token: invitation });
    await rita.post('/api/v1/organization/invitations', { email: 'eve@example.org', role: 'admin' });
    await integrate(rita, path);
    await share(rita, session.sessionId);
    await signInByLink(ada, email);
    await changeAddress(rita, 'rita@example.org', 'rita@example.com');
    await rita.post('/api/v1/me/email-change', { email: 'rita@example.net' });
    newestCode();
    // Codes that nobody has used yet.
    await ask(phone, 'rita@example.com');
    newestCode();
  }

  /** What programs are given: a token, a webhook's secret, and a link in an answer that is kept to be given again. */
  async function integrate(of: WatchedBrowser, session: string): Promise<void> {
    const token = { name: 'Backup', scopes: ['recordings:read'], expiresInDays: 1 };
    const { body: made } = await of.post('/api/v1/organization/tokens', token);
    expect(made.token).to.be.a('string');
    const webhook = { url: 'https://hooks.example.org/cratersync', events: ['recording.complete'] };
    const { body: hook } = await of.post('/api/v1/organization/webhooks', webhook);
    expect(hook.secret).to.be.a('string');
    of.given
      .add(made.token)
      .add(hook.secret)
      .add(hook.secret.replace(/^whsec_/, ''));
    const kept = { 'idempotency-key': 'once-and-for-all' };
    const links = [1, 2].map(() => of.send('POST', `${session}/invitations`, {}, kept));
    const [first, second] = await Promise.all(links);
    expect([first?.status, second?.status]).to.include(201);
  }

  /** A link to a recording, opened by somebody without an account. */
  async function share(of: WatchedBrowser, sessionId: SessionId): Promise<void> {
    const { body: me } = await of.get('/api/v1/me');
    const recordingId = asRecordingId.parse(randomUUID());
    await inOrganization(test.db.app, me.organization.organizationId, tx =>
      recordings.insert(tx, { recordingId, sessionId, startedAt: new Date() }),
    );
    const { body: made } = await of.post(`/api/v1/recordings/${recordingId}/shares`, { name: 'Björn' });
    const token = String(made.url).split('#')[1];
    expect((await browser().post('/api/v1/shared', { token })).status).to.equal(200);
  }

  /** After so many wrong guesses a link is mailed in place of a code. */
  async function signInByLink(of: Browser, email: string): Promise<void> {
    for (const _ of [1, 2]) {
      await ask(of, email);
      const code = String((Number(newestCode()) + 1) % 1_000_000).padStart(6, '0');
      for (let guess = 0; guess < 5; guess += 1) await of.post('/api/v1/sign-in', { email, code });
    }
    await ask(of, email);
    const token = test.mail.linkTo('/sign-in');
    expect((await of.post('/api/v1/sign-in/link', { token })).status).to.equal(200);
    await ask(of, email);
  }

  async function changeAddress(of: Browser, from: string, to: string): Promise<void> {
    await of.post('/api/v1/me/email-change', { email: to });
    const [oldCode = '', newCode = ''] = [from, to].map(email => {
      const message = test.mail.messages.findLast(each => each.includes(`\r\nTo: ${email}\r\n`));
      return /^Subject: (\d{6})\b/m.exec(message ?? '')?.[1];
    });
    codes.add(oldCode).add(newCode);
    const { status } = await of.post('/api/v1/me/email-change/confirm', { oldCode, newCode });
    expect(status).to.equal(200);
  }

  /** Every value of every table that is not PostgreSQL's own. */
  async function dump(): Promise<Cell[]> {
    const { rows: columns } = await test.db.owner.query(
      `SELECT c.oid::regclass::text AS table, quote_ident(a.attname) AS column, format_type(a.atttypid, NULL) AS type
       FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
       WHERE c.relkind IN ('r', 'p', 'm') AND c.relnamespace::regnamespace::text !~ '^(pg_|information_schema)'`,
    );
    const cells: Cell[] = [];
    for (const { table, column, type } of columns) {
      const { rows } = await test.db.owner.query(
        `SELECT ${column}::text AS text FROM ${table} WHERE ${column} IS NOT NULL`,
      );
      for (const { text } of rows) cells.push({ column: `${table}.${column}`, type, text });
    }
    return cells;
  }

  let cells: Cell[];
  it('after a life of signing in, inviting and joining', async () => {
    await live();
    cells = await dump();
    expect(cells.length).to.be.greaterThan(100);
  });

  it('gives no token, link, cookie or credential away', () => {
    const secrets = [...browsers.flatMap(each => [...each.given]), ...mailed()];
    expect(secrets.length).to.be.greaterThan(15);
    for (const secret of secrets) {
      const found = cells.filter(cell => formsOf(secret).some(form => cell.text.includes(form)));
      expect(
        found.map(cell => cell.column),
        secret,
      ).to.deep.equal([]);
    }
  });

  it('shows no code, nor anything from which all million of them could be tried without the pepper', async () => {
    const salts = (column: string, kinds: string[]): Salt[] =>
      cells.filter(cell => cell.column === column).map(cell => ({ salt: bytesOf(cell), kinds }));
    const all = [
      ...salts('app.sign_in_codes.code_salt', ['']),
      ...salts('app.email_changes.code_salt', ['old ', 'new ']),
    ];
    expect(all.length).to.be.greaterThan(6);
    const readable = cells.filter(({ type }) => /^(text|json|jsonb|character|integer|bigint)/.test(type));
    const binary = new Set(cells.filter(({ type }) => type === 'bytea').map(({ text }) => text.slice(2)));
    for (const code of codes) {
      const shown = readable.filter(({ text }) => new RegExp(`(?<!\\d)${code}(?!\\d)`).test(text));
      expect(shown, code).to.deep.equal([]);
      const salt = await saltOf(code, all, binary);
      const guesses = await guessesWithoutPepper(code, salt);
      expect(
        guesses.filter(guess => binary.has(guess.toString('hex'))),
        code,
      ).to.deep.equal([]);
    }
  });
});

const bytesOf = ({ text }: Cell) => Buffer.from(text.slice(2), 'hex');

/** A secret as it might have been kept by mistake. */
function formsOf(secret: string): string[] {
  const [written, decoded] = [Buffer.from(secret), Buffer.from(secret, 'base64url')];
  return [written, decoded]
    .flatMap(bytes => [bytes.toString('hex'), bytes.toString('base64'), bytes.toString('base64url')])
    .concat(secret);
}

const COST = { parallelism: 1, memory: 19_456, passes: 2, tagLength: 32 };
const hmacOf = (code: string, pepper: string) => createHmac('sha256', pepper).update(code).digest();

interface Salt {
  salt: Buffer;
  /** What is put before a code. */
  kinds: string[];
}

/** Which salt a code was kept with: whoever has the pepper finds out, so the questions below are the right ones. */
async function saltOf(code: string, salts: Salt[], binary: ReadonlySet<string>): Promise<Buffer> {
  for (const { salt, kinds } of salts) {
    for (const kind of kinds) {
      const message = hmacOf(kind + code, codePepper);
      const hash = await derive('argon2id', { message, nonce: salt, ...COST });
      if (binary.has(hash.toString('hex'))) return salt;
    }
  }
  throw new Error('not even with the pepper is a code found');
}

/** What whoever has a dump would compute for each of a million codes, to see whether it stands there. */
async function guessesWithoutPepper(code: string, salt: Buffer): Promise<Buffer[]> {
  const sha256 = (...parts: (string | Buffer)[]) => {
    const hash = createHash('sha256');
    for (const part of parts) hash.update(part);
    return hash.digest();
  };
  const unpeppered = hmacOf(code, '');
  const slow = [Buffer.from(code), sha256(code), unpeppered].map(message =>
    derive('argon2id', { message, nonce: salt, ...COST }),
  );
  return [sha256(code), sha256(salt, code), sha256(code, salt), unpeppered, ...(await Promise.all(slow))];
}
