import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { freePort } from './free-port.ts';

/** Debian's unprivileged account: PgBouncer refuses to run as root. */
const NOBODY = '65534';

/** A real PgBouncer in transaction mode, set up as docs/operations.md says. Everybody logs in as they would directly. */
export class PgBouncer {
  readonly port: number;
  readonly #process: ChildProcess;
  readonly #folder: string;

  private constructor(port: number, process: ChildProcess, folder: string) {
    this.port = port;
    this.#process = process;
    this.#folder = folder;
  }

  /** @param ownerUrl of the server; `serverConnections`: how many there are for each database and role */
  static async start(
    ownerUrl: string,
    { serverConnections }: { serverConnections: number },
  ): Promise<PgBouncer> {
    const { hostname, port: serverPort, username, password } = new URL(ownerUrl);
    const folder = await mkdtemp(join(tmpdir(), 'cratersync-pgbouncer-'));
    const port = await freePort();
    const users = join(folder, 'users.txt');
    const settings = join(folder, 'pgbouncer.ini');
    // World-readable: throw-away passwords of a throw-away server.
    await writeFile(users, `"${username}" "${decodeURIComponent(password)}"\n`, { mode: 0o644 });
    await writeFile(settings, iniOf({ hostname, serverPort, username, users, port, serverConnections }));
    const asRoot = process.getuid?.() === 0;
    if (asRoot) await chmod(folder, 0o755);
    const onDeath = ['--pdeathsig', 'KILL'];
    const asNobody = asRoot ? [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'] : [];
    const started = spawn('setpriv', [...onDeath, ...asNobody, '/usr/sbin/pgbouncer', settings], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const said: string[] = [];
    for await (const line of createInterface({ input: started.stderr })) {
      said.push(line);
      if (!line.includes('process up')) continue;
      started.stderr.resume();
      return new PgBouncer(port, started, folder);
    }
    throw new Error(`PgBouncer did not start:\n${said.join('\n')}`);
  }

  /** The same database and role as `url`, by way of this. */
  through(url: string): string {
    return Object.assign(new URL(url), { hostname: '127.0.0.1', port: String(this.port) }).href;
  }

  async close(): Promise<void> {
    const exited = this.#process.exitCode === null ? once(this.#process, 'exit') : undefined;
    this.#process.kill('SIGKILL');
    await exited;
    await rm(this.#folder, { recursive: true, force: true });
  }
}

function iniOf(of: {
  hostname: string;
  serverPort: string;
  username: string;
  users: string;
  port: number;
  serverConnections: number;
}): string {
  return `[databases]
* = host=${of.hostname} port=${of.serverPort}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${of.port}
unix_socket_dir =
pool_mode = transaction
default_pool_size = ${of.serverConnections}
max_client_conn = 500
auth_type = scram-sha-256
auth_file = ${of.users}
auth_user = ${of.username}
auth_query = SELECT usename, passwd FROM pg_catalog.pg_shadow WHERE usename = $1
`;
}

/**
 * Asks for whatever runs on a connection now to be cancelled, as a client does (PostgreSQL, "Cancelling Requests in
 * Progress"): on a connection of its own, with the numbers that the server gave. Resolves when it was taken.
 */
export async function cancelRequest(
  url: string,
  of: { processID: number; secretKey: number },
): Promise<void> {
  const message = Buffer.alloc(16);
  message.writeInt32BE(16, 0);
  message.writeInt32BE(80_877_102, 4);
  message.writeInt32BE(of.processID, 8);
  message.writeInt32BE(of.secretKey, 12);
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => {});
  // The server closes it once the request was passed on. PgBouncer 1.18 dies if we were to close our half before.
  socket.write(message);
  socket.resume();
  await once(socket, 'close');
}
