import { z } from 'zod';
import { ConfigError, readConfig } from './config.ts';
import { type Log, logLevel, openLog } from './log.ts';
import { Metrics } from './metrics.ts';
import { processMetrics } from './process-metrics.ts';
import { type ReadStatus, serveTelemetry } from './telemetry-server.ts';
import { startTracing } from './tracing.ts';
import { version } from './version.ts';

/** Open work gets this long to end once the process is told to stop. */
const shutdownLimitMs = 8_000;

/** EX_CONFIG of sysexits.h: starting again with the same environment cannot help. */
const exitBadConfig = 78;

/** What every process of ours reads; the table in README.md says what each means. */
export const processShape = {
  LOG_LEVEL: logLevel
    .default('info')
    .describe('how much is logged: `trace`, `debug`, `info`, `warn`, `error`, `fatal`, `silent`'),
  LOG_DIR: z
    .string()
    .optional()
    .describe('besides standard output, logs go into files here: one a day, kept for 30 days'),
  METRICS_PORT: z.coerce.number().int().min(0).max(65_535).optional().meta({
    description:
      'where Prometheus and `cratersync status` find a process; each needs its own. `make start` takes four that follow on each other from here',
    shown: 'off; with `make start` free ports',
  }),
  METRICS_HOST: z
    .string()
    .default('127.0.0.1')
    .describe('the address that belongs to METRICS_PORT. There is no door: let nobody else reach it'),
  OTEL_EXPORTER_OTLP_ENDPOINT: z
    .url({ protocol: /^https?$/ })
    .optional()
    .meta({
      description: 'where traces go (OTLP over HTTP, to `/v1/traces` there); names and outcomes only',
      shown: 'off',
    }),
};
type ProcessConfig = z.output<z.ZodObject<typeof processShape>>;

export interface ProcessContext {
  log: Log;
  env: NodeJS.ProcessEnv;
  metrics: Metrics;
  /** Says what `cratersync status` is to show of this process. */
  onStatus(read: ReadStatus): void;
  /** Registers what has to happen before the process ends. Run in reverse order, each one awaited. */
  onShutdown(fn: () => Promise<void> | void): void;
}

/**
 * The frame around every long-running process of ours.
 *
 * `start` returns when the process is ready for work; a parent with an IPC channel is then told `{ready: true}`.
 * SIGTERM, or the loss of that parent, runs the shutdown functions and ends the process with code 0 (1 if one
 * fails or takes longer than 8 s). Ctrl-C reaches a whole process group, so a process with a parent leaves
 * SIGINT to it; without one SIGINT is the same as SIGTERM. Bad configuration is printed without a stack, code 78. Anything
 * else thrown, at any time, is a bug: it is logged and ends the process with code 1.
 */
export function runProcess(name: string, start: (context: ProcessContext) => Promise<void>): void {
  const config = configOrExit();
  openLog(name, config.LOG_LEVEL, config.LOG_DIR).then(
    log => run({ name, config, log, start }),
    (error: unknown) => {
      console.error(
        `LOG_DIR: nothing can be written there (${error instanceof Error ? error.message : error})`,
      );
      process.exit(exitBadConfig);
    },
  );
}

function run({ name, config, log, start }: Running): void {
  const shutdowns: (() => Promise<void> | void)[] = [];
  let stopping = false;

  const stop = async (reason: string, exitCode: number): Promise<void> => {
    if (stopping) return;
    stopping = true;
    log.info({ reason }, 'stopping');
    setTimeout(() => {
      log.error(`still busy ${shutdownLimitMs / 1000} s after being told to stop; ending anyway`);
      process.exit(1);
    }, shutdownLimitMs).unref();
    const clean = await runAll(shutdowns, log);
    log.info('stopped');
    process.exit(clean ? exitCode : 1);
  };

  process.on('uncaughtException', error => {
    log.fatal({ err: error }, 'unexpected error');
    process.exit(1);
  });
  process.on('SIGTERM', () => void stop('SIGTERM', 0));
  process.on('SIGINT', () => {
    if (process.send === undefined) void stop('SIGINT', 0);
  });
  process.on('disconnect', () => void stop('the launcher is gone', 0));

  const onShutdown = (fn: () => Promise<void> | void) => void shutdowns.push(fn);
  observed({ name, config, log, onShutdown }, start).then(
    () => {
      if (stopping) return;
      log.info('ready');
      if (process.connected) process.send?.({ ready: true });
    },
    (error: unknown) => {
      if (error instanceof ConfigError) {
        console.error(error.message);
        return stop('bad configuration', exitBadConfig);
      }
      log.fatal({ err: error }, 'could not start');
      return stop('could not start', 1);
    },
  );
}

interface Running {
  name: string;
  config: ProcessConfig;
  log: Log;
  start: (context: ProcessContext) => Promise<void>;
}

/** Starts what the process is for, and what watches it. The watching ends last: also how it stops is worth seeing. */
async function observed(
  { name, config, log, onShutdown }: Omit<Running, 'start'> & Pick<ProcessContext, 'onShutdown'>,
  start: Running['start'],
): Promise<void> {
  const { METRICS_PORT: port, METRICS_HOST: host, OTEL_EXPORTER_OTLP_ENDPOINT: traces } = config;
  if (traces !== undefined) onShutdown(await startTracing(name, traces));
  const metrics = new Metrics();
  processMetrics(metrics, name);
  let read: ReadStatus = () => ({});
  const outcomes = async () => ({
    mail: await metrics.outcomes('cratersync_mail_total'),
    keys: await metrics.outcomes('cratersync_kms_calls_total'),
  });
  const status = async () => ({
    name,
    version,
    pid: process.pid,
    upS: Math.round(process.uptime()),
    ...(await outcomes()),
    ...(await read()),
  });
  if (port !== undefined) {
    const server = await serveTelemetry({ host, port, metrics, status });
    onShutdown(() => server.close());
  }
  const onStatus = (by: ReadStatus) => {
    read = by;
  };
  await start({ log, env: process.env, metrics, onShutdown, onStatus });
}

/** The last opened is the first closed. One that fails does not keep the others from closing. */
async function runAll(shutdowns: (() => Promise<void> | void)[], log: Log): Promise<boolean> {
  let clean = true;
  // Taken one by one: a start still under way may register more meanwhile.
  for (let fn = shutdowns.pop(); fn !== undefined; fn = shutdowns.pop()) {
    try {
      await fn();
    } catch (error) {
      clean = false;
      log.error({ err: error }, 'shutdown step failed');
    }
  }
  return clean;
}

function configOrExit(): ProcessConfig {
  try {
    return readConfig(processShape, process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    console.error(error.message);
    process.exit(exitBadConfig);
  }
}
