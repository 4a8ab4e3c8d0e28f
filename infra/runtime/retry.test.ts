import { expect } from 'chai';
import { retry } from './retry.ts';

describe('retry', () => {
  it('returns the first success', async () => {
    const waits: number[] = [];
    const result = await retry(
      async attempt => {
        if (attempt < 3) throw new Error('not yet');
        return attempt;
      },
      { baseMs: 2, maxMs: 5, onRetry: (_error, waitMs) => waits.push(waitMs) },
    );
    expect(result).to.equal(3);
    expect(waits).to.have.length(3);
    for (const [attempt, waitMs] of waits.entries())
      expect(waitMs).to.be.within(0, Math.min(5, 2 * 2 ** attempt));
  });

  it('throws at once what is not worth another try', async () => {
    let attempts = 0;
    const outcome = await retry(
      async () => {
        attempts += 1;
        throw new Error('forbidden');
      },
      { retryable: () => false },
    ).catch((error: unknown) => error);
    expect(String(outcome)).to.contain('forbidden');
    expect(attempts).to.equal(1);
  });

  it('tries as often as it is told to, and throws the last error', async () => {
    const tried: number[] = [];
    const failing = retry(
      async attempt => {
        tried.push(attempt);
        throw new Error(`no ${attempt}`);
      },
      { attempts: 3, baseMs: 1 },
    );
    expect(await failing.catch((error: Error) => error.message)).to.equal('no 2');
    expect(tried).to.deep.equal([0, 1, 2]);
  });

  it('stops waiting when it is aborted, with the reason given', async () => {
    const controller = new AbortController();
    const reason = new Error('closing');
    const outcome = retry(() => Promise.reject(new Error('away')), {
      signal: controller.signal,
      baseMs: 60_000,
      maxMs: 60_000,
      onRetry: () => controller.abort(reason),
    }).catch((error: unknown) => error);
    expect(await outcome).to.equal(reason);
  });
});
