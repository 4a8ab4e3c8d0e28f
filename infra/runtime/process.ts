import { ConfigError, readConfig } from './config.ts';
import { createLog, type Log, logLevel } from './log.ts';

/** Open work gets this long to end once the process is told to stop. */
const shutdownLimitMs = 8_000;

/** EX_CONFIG of sysexits.h: starting again with the same environment cannot help. */
const exitBadConfig = 78;

export interface ProcessContext {
  log: Log;
  env: NodeJS.ProcessEnv;
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
  const log = logOrExit(name);
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
  start({ log, env: process.env, onShutdown }).then(
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

function logOrExit(name: string): Log {
  try {
    return createLog(name, readConfig({ LOG_LEVEL: logLevel.default('info') }, process.env).LOG_LEVEL);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    console.error(error.message);
    process.exit(exitBadConfig);
  }
}
