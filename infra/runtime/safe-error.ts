/** Mail addresses, which mail servers repeat in what they answer. */
const ADDRESS = /[^\s<>"'(),:;]+@[^\s<>"'(),:;]+/g;
/** PostgreSQL repeats the value in messages of class 22 (data exception); those of other classes name tables and constraints. */
const isDataException = (code: unknown) => typeof code === 'string' && /^22[0-9A-Z]{3}$/.test(code);
/** Of all that libraries hang on their errors: names and numbers, never what somebody has sent. */
const KEPT = [
  'code',
  'status',
  'responseCode',
  'syscall',
  'severity',
  'constraint',
  'table',
  'routine',
] as const;
const MAX_CAUSES = 5;

export interface LoggedError {
  type: string;
  message: string;
  stack: string;
  cause?: LoggedError;
  [detail: string]: unknown;
}

/**
 * An error as it may stand in a log: its kind, its message, where it was thrown. Fields that may repeat a name, an address
 * or a secret (PostgreSQL's `detail`, a mail server's `rejected`, a request's headers) are left out.
 */
export function safeError(thrown: unknown, depth = 0): LoggedError {
  if (!(thrown instanceof Error)) return { type: typeof thrown, message: 'not an Error', stack: '' };
  const fields = Object.fromEntries(
    KEPT.flatMap(key => {
      const value: unknown = Reflect.get(thrown, key);
      return typeof value === 'string' || typeof value === 'number' ? [[key, value]] : [];
    }),
  );
  const message = isDataException(fields['code'])
    ? 'the database refused a value'
    : thrown.message.replaceAll(ADDRESS, '[address]');
  const frames = (thrown.stack ?? '').split('\n').filter(line => /^\s+at /.test(line));
  return {
    type: thrown.name,
    message,
    stack: [`${thrown.name}: ${message}`, ...frames].join('\n'),
    ...fields,
    ...(thrown.cause instanceof Error && depth < MAX_CAUSES && { cause: safeError(thrown.cause, depth + 1) }),
  };
}
