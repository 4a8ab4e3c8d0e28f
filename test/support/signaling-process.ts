import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createTestDatabase, type TestDatabase } from '@cratersync/db/testing';
import { Browser, type MailServer, startMailServer } from '@cratersync/signaling/testing';
import { freePort } from './free-port.ts';

const main = join(import.meta.dirname, '../../signaling/main.ts');

/** A real signaling process on a database of its own, without media nodes: `played-nodes.ts` has some. */
export class SignalingProcess {
  readonly url: string;
  readonly db: TestDatabase;
  readonly secret = 'a secret that nodes share among themselves';
  readonly previousSecret = 'the secret that nodes shared before that';
  readonly #mail: MailServer;
  readonly #port: number;
  readonly #execArgv: string[];
  readonly #settings: Record<string, string>;
  #process: ChildProcess | null = null;
  #said = '';

  private constructor(setting: {
    db: TestDatabase;
    mail: MailServer;
    port: number;
    execArgv: string[];
    settings: Record<string, string>;
  }) {
    this.db = setting.db;
    this.#mail = setting.mail;
    this.#port = setting.port;
    this.#execArgv = setting.execArgv;
    this.#settings = setting.settings;
    this.url = `http://127.0.0.1:${this.#port}`;
  }

  /** @param execArgv what node itself is told @param settings more of its environment */
  static async start(
    execArgv: string[] = [],
    settings: Record<string, string> = {},
  ): Promise<SignalingProcess> {
    const [db, mail, port] = await Promise.all([createTestDatabase(), startMailServer(), freePort()]);
    const server = new SignalingProcess({ db, mail, port, execArgv, settings });
    try {
      await server.#start();
    } catch (error) {
      await server.close();
      throw error;
    }
    return server;
  }

  get pid(): number {
    return this.#process?.pid ?? 0;
  }

  /** Everything that it has written. */
  get said(): string {
    return this.#said;
  }

  /** Whether it has ended, by itself or not. */
  get hasEnded(): boolean {
    return this.#process === null || this.#process.exitCode !== null || this.#process.signalCode !== null;
  }

  async #start(): Promise<void> {
    const child = fork(main, [], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      execArgv: this.#execArgv,
      env: {
        ...process.env,
        LOG_LEVEL: 'warn',
        HOST: '127.0.0.1',
        PORT: String(this.#port),
        PUBLIC_URL: this.url,
        DATABASE_URL: this.db.appUrl,
        NODE_SECRET: this.secret,
        NODE_SECRET_PREVIOUS: this.previousSecret,
        CODE_PEPPER: 'a pepper that only the server knows, for codes',
        SEALING_KEY: 'a key that seals what the database must not tell',
        API_REQUESTS_PER_MINUTE: '100000',
        SMTP_HOST: '127.0.0.1',
        SMTP_PORT: String(this.#mail.port),
        ...this.#settings,
      },
    });
    this.#process = child;
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (part: Buffer) => {
        this.#said = (this.#said + part.toString()).slice(-200_000);
      });
    const ended = once(child, 'exit').then(() => {
      throw new Error(`signaling did not start:\n${this.#said}`);
    });
    await Promise.race([once(child, 'message'), ended]);
  }

  /** As a crash does, and up again on the same port. */
  async crashAndRestart(): Promise<void> {
    await this.#end('SIGKILL');
    await this.#start();
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#process;
    if (child === null || this.hasEnded) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }

  /** Where mail is sent to. */
  get mail(): MailServer {
    return this.#mail;
  }

  browser(): Browser {
    return new Browser(this.url);
  }

  /** A browser whose person is signed in as the owner of an organization of their own. */
  async host(email: string, displayName: string): Promise<Browser> {
    const own = this.browser();
    await own.post('/api/v1/sign-in/codes', { email });
    await own.post('/api/v1/sign-in', { email, code: this.#mail.newestCode() });
    await own.patch('/api/v1/me', { displayName, organizationName: `${displayName}’s studio` });
    return own;
  }

  async close(): Promise<void> {
    await this.#end('SIGTERM');
    await Promise.all([this.db.close(), this.#mail.close()]);
  }
}
