import type { Database } from '@cratersync/db';
import type { RequestHandler } from 'express';
import { actByToken, openApiToken } from '../accounts/api-tokens.ts';
import { errors } from '../protocol/index.ts';
import { operationOf } from './openapi/operations.ts';

/**
 * Whoever shows an API token gets what its scopes allow, and nothing else: a route whose operation names no scope is
 * closed to all of them. Their cookies are not looked at.
 */
export function tokenGate(db: Database): RequestHandler {
  return async (request, _response, next) => {
    const token = await openApiToken(db, request);
    if (token !== null) {
      const operation = operationOf(request.method, request.path)?.operation;
      if (operation === undefined) throw errors.notFound('page');
      if (operation.scope !== undefined && !token.scopes.includes(operation.scope))
        throw errors.scopeNeeded(operation.scope);
      if (operation.scope === undefined && operation.needs !== 'nobody') throw errors.tokenRefused();
      actByToken(request, token);
    }
    next();
  };
}
