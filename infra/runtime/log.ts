import { type DestinationStream, type Logger, multistream, pino } from 'pino';
import { z } from 'zod';
import { openLogFile } from './log-files.ts';
import { safeError } from './safe-error.ts';

/** One JSON object a line on standard output: `{level, time, name, msg, …}`; errors go under `err`. */
export type Log = Logger;

export const logLevel = z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']);
export type LogLevel = z.output<typeof logLevel>;

/** @param to default: standard output */
export function createLog(name: string, level: LogLevel = 'info', to?: DestinationStream): Log {
  const options = { level, base: { name }, serializers: { err: safeError, cause: safeCause } };
  return to === undefined ? pino(options) : pino(options, to);
}

/** The same into files too, one a day, kept for 30 days. */
export async function openLog(name: string, level: LogLevel, directory: string | undefined): Promise<Log> {
  if (directory === undefined) return createLog(name, level);
  const file = await openLogFile(directory, name);
  return createLog(
    name,
    level,
    multistream([process.stdout, file].map(stream => ({ level: 'trace', stream }))),
  );
}

const safeCause = (cause: unknown) => (cause === undefined ? undefined : safeError(cause));
