import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { freePort } from './free-port.ts';

const run = promisify(execFile);
const given = join(import.meta.dirname, '../../infra/deploy/coturn/turnserver.conf');
const IP = '127.0.0.1';
const SECRET = 'what a relay and signaling are both told';
/** Ports of loopback that nobody else is given: they lie above those that the kernel gives out. */
const RELAY_PORTS = { first: 61_000, last: 61_999 };

/** Debian's coturn with our configuration; only addresses, ports and the secret are others, and there is no certificate. */
export class TurnServer {
  readonly secret = SECRET;
  /** Whoever was let in, by the names that their credentials have. */
  readonly users = new Set<string>();
  readonly #port: number;
  readonly #child: ChildProcess;
  readonly #folder: string;

  private constructor(port: number, child: ChildProcess, folder: string) {
    this.#port = port;
    this.#child = child;
    this.#folder = folder;
  }

  /** @param sfuIp where it may lead */
  static async start(sfuIp: string): Promise<TurnServer> {
    const folder = await mkdtemp(join(tmpdir(), 'cratersync-turn-'));
    const port = await freePort();
    const config = join(folder, 'turnserver.conf');
    await writeFile(config, configOf(await readFile(given, 'utf8'), { folder, port, sfuIp }));
    // On standard error it only regrets that a kernel has no SCTP.
    const child = spawn('setpriv', ['--pdeathsig', 'KILL', 'turnserver', '-c', config], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const server = new TurnServer(port, child, folder);
    const said: string[] = [];
    const lines = createInterface({ input: child.stdout });
    const isReady = new Promise<void>((resolve, reject) => {
      lines.on('line', line => {
        said.push(line);
        if (line.includes('Total General servers')) resolve();
        const [, user] = /: new, .*username=<(\S+)>/.exec(line) ?? [];
        if (user !== undefined) server.users.add(user);
      });
      lines.on('close', () => reject(new Error(`coturn ended:\n${said.join('\n')}`)));
    });
    await isReady;
    return server;
  }

  /** What signaling is told of it. Browsers get there by TCP. */
  get settings(): Record<string, string> {
    return { TURN_URLS: `turn:${IP}:${this.#port}?transport=tcp`, TURN_SECRET: this.secret };
  }

  /** Whether somebody sends from a port at which it relays. */
  static relaysFrom(port: number): boolean {
    return port >= RELAY_PORTS.first && port <= RELAY_PORTS.last;
  }

  /** Has coturn's own client send a message to an address that sends it back. @returns what it complains of */
  async relay(
    { username, credential }: { username: string; credential: string },
    to: { ip: string; port: number },
  ): Promise<string> {
    const asked = ['-u', username, '-w', credential, '-p', String(this.#port)];
    const peer = ['-e', to.ip, '-r', String(to.port)];
    return run('turnutils_uclient', ['-t', '-c', '-n', '1', ...asked, ...peer, IP]).then(
      () => '',
      (error: { stdout: string }) => error.stdout,
    );
  }

  async close(): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
    await rm(this.#folder, { recursive: true, force: true });
  }
}

function configOf(
  ours: string,
  { folder, port, sfuIp }: { folder: string; port: number; sfuIp: string },
): string {
  const others: Record<string, string> = {
    ...{ 'listening-ip': IP, 'relay-ip': IP, 'listening-port': String(port) },
    ...{ 'static-auth-secret': SECRET, 'allowed-peer-ip': sfuIp },
    ...{ 'min-port': String(RELAY_PORTS.first), 'max-port': String(RELAY_PORTS.last) },
  };
  const lines = ours
    .split('\n')
    .filter(line => !/^(tls-listening-port|cert|pkey|syslog)\b/.test(line))
    .map(line => {
      const [name = ''] = line.split('=');
      return others[name] === undefined ? line : `${name}=${others[name]}`;
    });
  // On loopback it relays only when it is told to, and then wants a password for the console that it has not.
  const here = [
    'no-tls',
    'no-dtls',
    'allow-loopback-peers',
    'cli-password=unused',
    'log-file=stdout',
    'verbose',
  ];
  return [...lines, ...here, `pidfile=${folder}/pid`, `userdb=${folder}/users`].join('\n');
}
