import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Log, type Metrics, requestCounter, requestIdOf } from '@cratersync/infra/runtime';

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
  const count = requestCounter(metrics);
  return (request: IncomingMessage, response: ServerResponse): void => {
    const described = () => ({
      route: routeOf(new URL(request.url ?? '/', 'http://worker').pathname),
      method: request.method === 'GET' || request.method === 'HEAD' ? request.method : 'other',
    });
    count(response, described, answered => {
      // Signaling asks for its health whenever it is asked for its own.
      const level = answered.route === '/healthz' && answered.status === 200 ? 'debug' : 'info';
      // Signaling's, by which it is found in its log and in the audit log.
      const requestId = requestIdOf(request.headers);
      log[level]({ ...answered, requestId }, 'request');
    });
  };
}
