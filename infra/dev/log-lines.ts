import { z } from 'zod';

const pinoLine = z.looseObject({
  level: z.number(),
  time: z.number(),
  msg: z.string().optional(),
  err: z.looseObject({ stack: z.string() }).optional(),
});

const levelNames: Record<number, string> = { 40: 'WARN ', 50: 'ERROR ', 60: 'FATAL ' };

/** A line of one of our processes as a person reads it: `12:00:01 recorder   WARN the store is away key=value`. */
export function readableLine(name: string, line: string): string {
  const record = parse(line);
  if (record === undefined) return prefixed(new Date(), name, line);
  const { level, time, msg, err, name: _name, ...fields } = record;
  const details = Object.entries(fields).map(([key, value]) => ` ${key}=${plain(value)}`);
  const text = `${levelNames[level] ?? ''}${msg ?? ''}${details.join('')}`;
  const stack = err === undefined ? '' : `\n${err.stack.replace(/^/gm, '    ')}`;
  return prefixed(new Date(time), name, text) + stack;
}

/** A line for each request and command would bury all others; `LOG_FORMAT=json` has them. */
export function isForTerminal(line: string): boolean {
  const record = parse(line);
  return record === undefined || record.level > 30 || !['request', 'command'].includes(record.msg ?? '');
}

/** Of all that postgres writes: an ERROR is the answer to a statement, and its sender has it already. */
export function isWorthShowing(postgresLine: string): boolean {
  return /\b(WARNING|FATAL|PANIC):/.test(postgresLine);
}

export function prefixed(time: Date, name: string, text: string): string {
  return `${time.toTimeString().slice(0, 8)} ${name.padEnd(10)} ${text}`;
}

function plain(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function parse(line: string): z.output<typeof pinoLine> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return pinoLine.parse(JSON.parse(line));
  } catch {
    return undefined;
  }
}
