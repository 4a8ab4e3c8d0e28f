import { retry } from '@cratersync/infra/runtime';
import { assignSecrets } from './assign-secrets.ts';
import { embeddedPostgres, migrateDatabase } from './database.ts';
import { lockDataDir } from './lock.ts';
import { ensureMediasoupWorker } from './mediasoup-worker.ts';
import { assignPorts, checkPort } from './ports.ts';
import { type GroupHooks, ProcessGroup } from './process-group.ts';
import {
  type Assigned,
  environmentOf,
  type ObservedProgram,
  observedPrograms,
  type ProgramName,
  signalingUrl,
} from './programs.ts';
import { readSettings, type Settings } from './settings.ts';
import { StartError } from './start-error.ts';

const healthyLimitMs = 15_000;

export interface StackOptions {
  /** Settings, and what the processes inherit. Default: process.env */
  env?: NodeJS.ProcessEnv;
  /** In place of DATA_DIR. */
  dataDir?: string;
  /** In place of PORT; 0 takes a free one. */
  port?: number;
  /** Breaks the start off, and ends what has been started. */
  signal?: AbortSignal;
  /** A line that a process wrote. */
  onLine?: GroupHooks['onLine'];
  /** A process died, or is back. */
  onNote?: GroupHooks['onNote'];
  onStep?(what: string, tookMs: number): void;
}

/** A running stack. Process names: postgres, inbox, sfu, recorder, signaling, worker. */
export interface Stack {
  /** Where browsers go. */
  url: string;
  dataDir: string;
  /** For the command line, and for more processes on the same data: DATA_DIR, NODE_SECRET, SIGNALING_URL and the shell's own. */
  env: NodeJS.ProcessEnv;
  /** The superuser's. */
  databaseUrl: string;
  /** `GET /messages` there lists the mail. Undefined when SMTP_HOST was given. */
  inboxUrl: string | undefined;
  processes: string[];
  /** `GET /metrics` and `/status` of each process. */
  metricsUrls: Record<ObservedProgram, string>;
  /** Undefined while it is down. */
  pid(name: string): number | undefined;
  /** Resolves when it is ready; at once if it is now. */
  whenReady(name: string): Promise<void>;
  /** Sends a signal; if it is deadly, resolves when the process has ended. It is then started again. */
  kill(name: string, signal?: NodeJS.Signals): Promise<void>;
  /** Stops one gently, and resolves when it is ready again. */
  restart(name: string): Promise<void>;
  onLog(listener: GroupHooks['onLine']): void;
  /** Everything, in order, recordings finalized; within 10 s. Idempotent. */
  stop(): Promise<void>;
  /** At once, with nothing finalized. */
  killAll(): void;
}

/** Starts every process of CraterSync on this machine. @throws StartError, ConfigError; nothing is left running then */
export async function startStack(options: StackOptions = {}): Promise<Stack> {
  const env = { ...(options.env ?? process.env) };
  if (options.dataDir !== undefined) env['DATA_DIR'] = options.dataDir;
  if (options.port !== undefined) env['PORT'] = String(options.port);
  const settings = readSettings(env);
  const dataDir = settings.DATA_DIR;
  const listeners: GroupHooks['onLine'][] = options.onLine === undefined ? [] : [options.onLine];
  const hooks: GroupHooks = {
    onLine: (name, line) => {
      for (const listener of listeners) listener(name, line);
    },
    onNote: (name, note) => options.onNote?.(name, note),
  };
  const lock = await lockDataDir(dataDir, () =>
    hooks.onNote('launcher', 'the processes of a stack that was killed are still ending; waiting for them'),
  );
  const group = new ProcessGroup(hooks, lock.fd);
  const stop = async () => {
    await group.stop();
    lock.release();
  };
  const breakOff = () => void group.stop();
  options.signal?.addEventListener('abort', breakOff);
  try {
    const started = await startAll(group, settings, env, options.onStep ?? (() => {}));
    return {
      ...started,
      dataDir,
      get processes() {
        return group.names;
      },
      pid: name => group.member(name).pid,
      whenReady: name => group.member(name).whenReady(),
      kill: (name, signal = 'SIGKILL') => group.member(name).kill(signal),
      restart: name => group.member(name).restart(),
      onLog: listener => void listeners.push(listener),
      stop,
      killAll: () => group.killAll(),
    };
  } catch (error) {
    await stop();
    throw error;
  } finally {
    options.signal?.removeEventListener('abort', breakOff);
  }
}

async function startAll(
  group: ProcessGroup,
  settings: Settings,
  env: NodeJS.ProcessEnv,
  onStep: NonNullable<StackOptions['onStep']>,
): Promise<Pick<Stack, 'url' | 'env' | 'databaseUrl' | 'inboxUrl' | 'metricsUrls'>> {
  const dataDir = settings.DATA_DIR;
  const ports = await assignPorts(dataDir, [
    ...(['web', 'postgres', 'smtp', 'inbox', 'worker'] as const),
    ...observedPrograms.map(name => `${name}-metrics` as const),
  ]);
  if (settings.PORT !== 0) await checkPort(settings.HOST, settings.PORT);
  const assigned = assign(settings, ports);
  const program = (name: ProgramName, extra: NodeJS.ProcessEnv = {}) =>
    timed(name, group.startProgram(name, { ...environmentOf(name, env, settings, assigned), ...extra }));
  const timed = async <T>(what: string, work: Promise<T>): Promise<T> => {
    const startMs = performance.now();
    const result = await work;
    onStep(what, performance.now() - startMs);
    return result;
  };

  const database = async () => {
    const { DATABASE_URL, DATABASE_DIRECT_URL } = settings;
    const ownerUrl =
      DATABASE_DIRECT_URL ??
      DATABASE_URL ??
      (await timed('postgres', startPostgres(group, dataDir, ports.postgres)));
    const pooledUrl = DATABASE_DIRECT_URL === undefined ? undefined : DATABASE_URL;
    return { ownerUrl, ...(await timed('migrations', migrateDatabase(dataDir, ownerUrl, pooledUrl))) };
  };
  const [{ ownerUrl, appUrl, workerUrl, workerDirectUrl }, mediasoupWorker] = await Promise.all([
    database(),
    timed('mediasoup', ensureMediasoupWorker(env)),
    assigned.inbox === undefined ? undefined : program('inbox'),
  ]);
  const media = async () => {
    // They dial in to signaling: before it listens they would only complain.
    await program('signaling', { DATABASE_URL: appUrl });
    await Promise.all([program('sfu', { MEDIASOUP_WORKER_BIN: mediasoupWorker }), program('recorder')]);
  };
  await Promise.all([
    media(),
    program('worker', { DATABASE_URL: workerUrl, DATABASE_DIRECT_URL: workerDirectUrl }),
  ]);
  const internalUrl = signalingUrl(settings.HOST, assigned.port);
  await timed('all connected', untilHealthy(internalUrl));
  return {
    url: assigned.publicUrl,
    databaseUrl: ownerUrl,
    metricsUrls: byProgram(name => `http://127.0.0.1:${assigned.metricsPorts[name]}`),
    inboxUrl: assigned.inbox === undefined ? undefined : `http://127.0.0.1:${assigned.inbox.port}`,
    env: { ...env, DATA_DIR: dataDir, NODE_SECRET: assigned.nodeSecret, SIGNALING_URL: internalUrl },
  };
}

type Ports = Record<'web' | 'smtp' | 'inbox' | 'worker' | `${ObservedProgram}-metrics`, number>;

const byProgram = <T>(of: (name: ObservedProgram, index: number) => T): Record<ObservedProgram, T> => {
  const entries = observedPrograms.map((name, index) => [name, of(name, index)]);
  return Object.fromEntries(entries);
};

function assign(settings: Settings, ports: Ports): Assigned {
  const port = settings.PORT === 0 ? ports.web : settings.PORT;
  return {
    port,
    publicUrl: settings.PUBLIC_URL ?? `http://localhost:${port}`,
    workerPort: ports.worker,
    metricsPorts: byProgram((name, index) =>
      settings.METRICS_PORT === undefined ? ports[`${name}-metrics`] : settings.METRICS_PORT + index,
    ),
    ...assignSecrets(settings),
    inbox: settings.SMTP_HOST === undefined ? { smtpPort: ports.smtp, port: ports.inbox } : undefined,
  };
}

async function startPostgres(group: ProcessGroup, dataDir: string, port: number): Promise<string> {
  const { server, ownerUrl } = await embeddedPostgres(dataDir, port, group.hooksOf('postgres'), group.lockFd);
  await group.start(server);
  return ownerUrl;
}

/** Every process runs; now they have to find each other. */
async function untilHealthy(url: string): Promise<void> {
  const signal = AbortSignal.timeout(healthyLimitMs);
  let said = '';
  try {
    await retry(
      async () => {
        const response = await fetch(`${url}/healthz`, { signal });
        said = await response.text();
        if (!response.ok) throw new Error(said);
      },
      { signal, baseMs: 50, maxMs: 200 },
    );
  } catch (error) {
    throw new StartError(`Not everything came up within ${healthyLimitMs / 1000} s: ${said}`, error);
  }
}
