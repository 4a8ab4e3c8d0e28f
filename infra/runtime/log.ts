import { type Logger, pino } from 'pino';
import { z } from 'zod';

/** One JSON object a line on standard output: `{level, time, name, msg, …}`; errors go under `err`. */
export type Log = Logger;

export const logLevel = z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']);

export function createLog(name: string, level: z.output<typeof logLevel> = 'info'): Log {
  return pino({ level, base: { name } });
}
