import { retry } from '@cratersync/infra/runtime';

class NotYet extends Error {}

/**
 * Asks again and again, where nothing tells of it when something is there. What `ask` throws ends it.
 * @returns the first answer that is neither null nor false
 */
export async function until<T>(ask: () => Promise<T | null | false>, limitMs = 30_000): Promise<T> {
  const signal = AbortSignal.timeout(limitMs);
  const askOnce = async () => {
    const answer = await ask();
    if (answer === null || answer === false) throw new NotYet();
    return answer;
  };
  try {
    return await retry(askOnce, {
      baseMs: 50,
      maxMs: 100,
      signal,
      retryable: error => error instanceof NotYet,
    });
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new Error(`It was not so within ${limitMs / 1000} s: ${ask}`, { cause: error });
  }
}
