import type { Log } from '@cratersync/infra/runtime';
import type { ErrorRequestHandler } from 'express';
import { AppError, errors, toAppError } from '../protocol/index.ts';

/** Every error of HTTP, as problem details (RFC 9457). */
export function renderError({ log, publicUrl }: { log: Log; publicUrl: string }): ErrorRequestHandler {
  const page = `${publicUrl}/api`;
  return (thrown: unknown, request, response, _next) => {
    const error = fromExpress(thrown) ?? toAppError(thrown);
    const requestId = String(response.locals['requestId']);
    if (error.blame !== 'caller')
      log.error({ err: error, cause: error.cause, requestId, method: request.method }, 'a request failed');
    // Too late for an answer: breaking the connection is the only way left to say that it is not whole.
    if (response.headersSent) response.destroy();
    else {
      if (error.status === 401 && request.headers.authorization !== undefined)
        response.set('WWW-Authenticate', 'Bearer error="invalid_token"');
      // What was meant for a good answer only.
      response.removeHeader('Content-Disposition');
      const problem = error.toProblem({ page, requestId });
      response.status(error.status).type('application/problem+json').send(JSON.stringify(problem));
    }
  };
}

/** What Express, its body parser and its file server refuse by themselves (errors with a status below 500), as ours. */
function fromExpress(thrown: unknown): AppError | null {
  if (!(thrown instanceof Error) || thrown instanceof AppError || !('status' in thrown)) return null;
  if (thrown.status === 404) return errors.notFound('page');
  if (thrown.status === 413) return errors.tooLarge();
  if ('type' in thrown && thrown.type === 'entity.parse.failed')
    return errors.badRequest('the body is not valid JSON');
  return Number(thrown.status) < 500 ? errors.badRequest(thrown.message) : null;
}
