import type { Metrics } from './metrics.ts';
import { traced } from './tracing.ts';

interface Asked {
  name: string;
  carried: unknown;
}
type Outcome = { ok: unknown } | { error: { code: string } };

/**
 * Counts and traces what is asked over a socket: its name and outcome, nothing of what it holds.
 * @param trusts whether the other end may say which trace a request belongs to
 */
export function socketRequests(metrics: Metrics, { trusts }: { trusts: boolean }) {
  const requests = metrics.counter({
    name: 'cratersync_socket_requests_total',
    help: 'Requests over sockets by name and outcome: ok, or the code of the error.',
    labels: ['request', 'outcome'],
  });
  const seconds = metrics.seconds({
    name: 'cratersync_socket_request_seconds',
    help: 'From a request over a socket to its answer.',
    labels: ['request'],
  });
  return async <Answer extends Outcome>(
    { name, carried }: Asked,
    work: () => Promise<Answer>,
    onDone: (done: { name: string; outcome: string; ms: number }) => void = () => {},
  ): Promise<Answer> => {
    const startMs = performance.now();
    const answer = await traced(
      name,
      async span => {
        const result = await work();
        span.setAttribute('outcome', outcomeOf(result));
        return result;
      },
      trusts ? { trace: carried } : undefined,
    );
    const ms = performance.now() - startMs;
    const outcome = outcomeOf(answer);
    requests.inc({ request: name, outcome });
    seconds.observe({ request: name }, ms / 1000);
    onDone({ name, outcome, ms: Math.round(ms * 10) / 10 });
    return answer;
  };
}

const outcomeOf = (answer: Outcome): string => ('error' in answer ? answer.error.code : 'ok');

export type SocketRequests = ReturnType<typeof socketRequests>;
