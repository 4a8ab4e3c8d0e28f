import type { ServerResponse } from 'node:http';
import type { Metrics } from './metrics.ts';

export interface AnsweredRequest {
  /** Its pattern, never its path. */
  route: string;
  method: string;
  status: number;
  ms: number;
}

/**
 * Counts a process's HTTP requests, each once it is answered or was given up.
 * @returns what takes note of one when it comes; `described` and `done` are called at its end
 */
export function requestCounter(metrics: Metrics) {
  const requests = metrics.counter({
    name: 'cratersync_http_requests_total',
    help: 'Requests by route, method and status; 499: whoever asked hung up.',
    labels: ['route', 'method', 'status'],
  });
  const seconds = metrics.seconds({
    name: 'cratersync_http_request_seconds',
    help: 'From a request to the end of its answer.',
    labels: ['route'],
  });
  return (
    response: ServerResponse,
    described: () => Pick<AnsweredRequest, 'route' | 'method'>,
    done: (request: AnsweredRequest) => void,
  ): void => {
    const startMs = performance.now();
    response.once('close', () => {
      const ms = performance.now() - startMs;
      const { route, method } = described();
      const status = response.writableFinished ? response.statusCode : 499;
      requests.inc({ route, method, status: String(status) });
      seconds.observe({ route }, ms / 1000);
      done({ route, method, status, ms: Math.round(ms * 10) / 10 });
    });
  };
}
