import { randomUUID } from 'node:crypto';
import { type Log, type Metrics, requestCounter, requestIdOf } from '@cratersync/infra/runtime';
import type { Request, RequestHandler } from 'express';
import { operationOf } from './openapi/operations.ts';

const API = '/api/v1';

/** Gives every request its id, which stands in its answer, the log and the audit log; one that a proxy gave it stays. */
export const identified: RequestHandler = (request, response, next) => {
  const requestId = requestIdOf(request.headers) ?? randomUUID();
  response.locals['requestId'] = requestId;
  response.set('X-Request-Id', requestId);
  next();
};

/**
 * Notes each request once it is answered, or given up: by its route's pattern, never by its path, which has ids and
 * signatures in it.
 */
export function requestLog({ log, metrics }: { log: Log; metrics: Metrics }): RequestHandler {
  const count = requestCounter(metrics);
  return (request, response, next) => {
    const described = () => ({
      route: routeOf(request),
      method: METHODS.has(request.method) ? request.method : 'other',
    });
    count(response, described, answered => {
      const requestId: unknown = response.locals['requestId'];
      log.info({ ...answered, requestId }, 'request');
    });
    next();
  };
}

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PATCH', 'PUT', 'DELETE', 'OPTIONS']);

/** As Express mounts it: `/api/v1/sessions/:sessionId`. What was refused before it came so far is looked up. */
function routeOf(request: Request): string {
  const path = request.originalUrl.replace(/\?.*/s, '');
  const isApi = path === API || path.startsWith(`${API}/`);
  if (typeof request.route?.path === 'string') return (isApi ? API : '') + request.route.path;
  if (!isApi) return path.startsWith('/assets/') ? '/assets' : 'none';
  const found = operationOf(request.method, path.slice(API.length));
  return found === null ? 'none' : API + found.route.replace(/^\S+ /, '');
}
