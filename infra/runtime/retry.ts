import { setTimeout as delay } from 'node:timers/promises';

export interface RetryOptions {
  /** Ends the waiting; the promise is then rejected with the signal's reason. */
  signal?: AbortSignal;
  /** The first wait is at most this long; every following one at most twice the one before. Default 100. */
  baseMs?: number;
  /** No wait is longer than this. Default 10 000. */
  maxMs?: number;
  /** How often it is tried at most; then the last error is thrown. Default: without limit. */
  attempts?: number;
  /** An error for which this says false is thrown at once. Default: every error is worth another try. */
  retryable?(error: unknown): boolean;
  onRetry?(error: unknown, waitMs: number): void;
}

/**
 * Repeats `work` until it succeeds, with exponential back-off and full jitter, so that many clients that
 * lost the same server do not come back in step (AWS Architecture Blog, “Exponential Backoff And Jitter”).
 * `signal`, `retryable` and `attempts` are the ways out. `attempt` counts from 0.
 */
export async function retry<T>(
  work: (attempt: number) => Promise<T>,
  options: RetryOptions = {},
): Promise<T> {
  const { signal, baseMs = 100, maxMs = 10_000, attempts = Number.POSITIVE_INFINITY } = options;
  for (let attempt = 0; ; attempt += 1) {
    signal?.throwIfAborted();
    try {
      return await work(attempt);
    } catch (error) {
      if (options.retryable?.(error) === false || attempt + 1 >= attempts) throw error;
      signal?.throwIfAborted();
      const waitMs = Math.random() * Math.min(maxMs, baseMs * 2 ** attempt);
      options.onRetry?.(error, waitMs);
      await wait(waitMs, signal);
    }
  }
}

/** Like timers/promises, but rejects with the signal's own reason. */
async function wait(waitMs: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await delay(waitMs, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}
