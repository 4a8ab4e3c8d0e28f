import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Log, type Metrics, requestIdOf } from '@cratersync/infra/runtime';

/** What can be asked for, without the ids in it. */
const ROUTES: readonly [pattern: RegExp, route: string][] = [
  [/\/stems\/[^/]+\/preview$/, '/stems/:stemId/preview'],
  [/\/stems\/[^/]+\/[^/]+$/, '/stems/:stemId/:format'],
  [/\/renders\/[^/]+$/, '/renders/:renderId'],
  [/\/projects\/[^/]+$/, '/projects/:project'],
  [/\/stems\.zip$/, '/stems.zip'],
  [/^\/healthz$/, '/healthz'],
];

export const routeOf = (pathname: string): string =>
  ROUTES.find(([pattern]) => pattern.test(pathname))?.[1] ?? 'none';

/** Notes each download once it has ended, or was given up. */
export function downloadLog({ log, metrics }: { log: Log; metrics: Metrics }) {
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
  return (request: IncomingMessage, response: ServerResponse): void => {
    const startMs = performance.now();
    response.once('close', () => {
      const ms = performance.now() - startMs;
      const route = routeOf(new URL(request.url ?? '/', 'http://worker').pathname);
      const method = request.method === 'GET' || request.method === 'HEAD' ? request.method : 'other';
      const status = response.writableFinished ? response.statusCode : 499;
      requests.inc({ route, method, status: String(status) });
      seconds.observe({ route }, ms / 1000);
      // Signaling asks for its health whenever it is asked for its own.
      const level = route === '/healthz' && status === 200 ? 'debug' : 'info';
      // Signaling's, by which it is found in its log and in the audit log.
      const requestId = requestIdOf(request.headers);
      log[level]({ route, method, status, ms: Math.round(ms * 10) / 10, requestId }, 'request');
    });
  };
}
