/** Something about the machine or the settings keeps the stack from starting. The message says what to do. */
export class StartError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'StartError';
  }
}

/** The code of an operating system or network error, or undefined. */
export function systemErrorCode(error: unknown): string | undefined {
  if (error instanceof AggregateError) return systemErrorCode(error.errors[0]);
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
