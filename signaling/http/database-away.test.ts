import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { createTestDatabase, type TestDatabase } from '@cratersync/db/testing';
import { expect } from 'chai';
import { startTestApp, type TestApp } from './fixtures/test-app.ts';

/** Stands between the app and PostgreSQL, so that the one can lose the other. */
class Cable {
  readonly #target: URL;
  readonly #sockets = new Set<Socket>();
  #server = createServer();
  #port = 0;

  constructor(url: string) {
    this.#target = new URL(url);
  }

  get url(): string {
    return Object.assign(new URL(this.#target), { port: String(this.#port) }).href;
  }

  async plugIn(): Promise<void> {
    this.#server = createServer(near => {
      const far = connect(Number(this.#target.port), this.#target.hostname);
      for (const socket of [near, far]) {
        this.#sockets.add(socket);
        socket.on('error', () => {});
        socket.on('close', () => this.#sockets.delete(socket));
      }
      near.pipe(far).pipe(near);
    });
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  async pull(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}

describe('a database that goes away', () => {
  let db: TestDatabase;
  let cable: Cable;
  let test: TestApp;
  before(async () => {
    db = await createTestDatabase();
    cable = new Cable(db.appUrl);
    await cable.plugIn();
    test = await startTestApp(db, { databaseUrl: cable.url });
  });
  after(async () => {
    await test.close();
    await cable.pull();
    await db.close();
  });

  it('is said to be away, and everything works again when it is back', async () => {
    const browser = await test.host('rita@example.org');
    await cable.pull();
    for (const answer of [
      await browser.get('/api/v1/me'),
      await browser.post('/api/v1/sessions', { title: 'Episode 1' }),
      await browser.post('/api/v1/join', { token: 'A'.repeat(22), displayName: 'Ada' }),
      await browser.post('/api/v1/sign-in/codes', { email: 'ada@example.org' }),
    ]) {
      expect(answer.status).to.equal(503);
      expect(answer.body).to.include({
        code: 'unavailable',
        detail: 'The database is not reachable right now. Try again in a few seconds.',
        retryable: true,
        blame: 'upstream',
      });
    }
    expect((await browser.get('/')).status).to.equal(200);
    await cable.plugIn();
    expect((await browser.get('/api/v1/me')).status).to.equal(200);
  });

  it('may throw all connections out, as a restart does', async () => {
    const browser = await test.host('rita@example.org');
    await Promise.all(Array.from({ length: 8 }, () => browser.get('/api/v1/me')));
    await db.owner.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE usename = 'cratersync_app' AND datname = current_database()`,
    );
    const answers = await Promise.all(Array.from({ length: 8 }, () => browser.get('/api/v1/me')));
    for (const { status } of answers) expect([200, 503]).to.include(status);
    expect((await browser.get('/api/v1/me')).status).to.equal(200);
  });

  it('may be slow: a statement that takes too long is given up', async () => {
    const browser = await test.host('rita@example.org');
    await db.owner.query(`ALTER ROLE cratersync_app IN DATABASE ${new URL(db.appUrl).pathname.slice(1)}
      SET statement_timeout = '200ms'`);
    await cable.pull();
    await cable.plugIn();
    await db.owner.query('BEGIN; LOCK TABLE app.sessions IN ACCESS EXCLUSIVE MODE');
    const { status, body } = await browser.get('/api/v1/sessions');
    await db.owner.query('ROLLBACK');
    expect({ status, code: body.code }).to.deep.equal({ status: 504, code: 'timed_out' });
    expect((await browser.get('/api/v1/sessions')).status).to.equal(200);
  });
});
