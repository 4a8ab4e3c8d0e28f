import { createHash } from 'node:crypto';
import { idempotency, inOrganization } from '@cratersync/db';
import { Sealer } from '@cratersync/infra/runtime';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import { tokenOf } from '../accounts/api-tokens.ts';
import { hashOf } from '../accounts/secrets.ts';
import { AppError, errors, type OrganizationId } from '../protocol/index.ts';
import type { Routes } from './dependencies.ts';
import { operationOf } from './openapi/operations.ts';

/** A request with a key, and whose it is. */
interface Keyed extends idempotency.Attempt {
  organizationId: OrganizationId;
}

/**
 * Heeds Idempotency-Key where an operation makes something (`once`): the first request is answered, and what it was
 * answered is kept; whoever sends it again gets the same. Keys are their sender's own. A request that made nothing
 * (any error) leaves its key free.
 * After draft-ietf-httpapi-idempotency-key-header.
 */
export function idempotent({ db, config, log, member }: Routes): RequestHandler {
  const sealer = new Sealer(config.SEALING_KEY, config.SEALING_KEY_PREVIOUS);

  const identify = async (request: Request, key: string): Promise<Keyed | null> => {
    // Who may not ask is told so by the route itself.
    const who = await member(request).catch((error: unknown) => {
      if (error instanceof AppError && error.blame === 'caller') return null;
      throw error;
    });
    if (who === null) return null;
    const { organizationId } = who.organization;
    const actorId = tokenOf(request)?.tokenId ?? who.account.accountId;
    const asked = [request.method, request.originalUrl, request.body ?? null];
    const requestHash = createHash('sha256').update(JSON.stringify(asked)).digest();
    return { organizationId, actorId, keyHash: hashOf(key), requestHash };
  };

  const replay = (kept: idempotency.Kept, keyed: Keyed, response: Response): void => {
    if (!kept.requestHash.equals(keyed.requestHash)) throw errors.keyReused();
    if (kept.answered === null) {
      response.set('Retry-After', '1');
      throw errors.keyInUse();
    }
    const { status, answer } = kept.answered;
    response.status(status).set('Idempotent-Replayed', 'true').type('application/json');
    response.send(sealer.open(answer, purposeOf(keyed)));
  };

  /** Keeps a good answer before it is sent: whoever has it can have it again. */
  const keepAnswer = (keyed: Keyed, response: Response, next: NextFunction): void => {
    const json = response.json.bind(response);
    response.json = body => {
      const { statusCode: status } = response;
      const answer = sealer.seal(Buffer.from(JSON.stringify(body)), purposeOf(keyed));
      inOrganization(db, keyed.organizationId, tx => idempotency.keep(tx, keyed, { status, answer })).then(
        () => json(body),
        next,
      );
      return response;
    };
    response.once('close', () => {
      if (response.statusCode < 300 && response.writableFinished) return;
      inOrganization(db, keyed.organizationId, tx => idempotency.giveUp(tx, keyed)).catch((error: unknown) =>
        log.warn({ err: error }, 'an idempotency key stays taken for a minute'),
      );
    });
  };

  return async (request, response, next) => {
    const key = request.get('idempotency-key');
    if (key === undefined || operationOf(request.method, request.path)?.operation.once !== true)
      return next();
    if (key.length < 1 || key.length > 255) throw errors.badRequest('Idempotency-Key: 1 to 255 characters');
    const keyed = await identify(request, key);
    if (keyed === null) return next();
    const kept = await inOrganization(db, keyed.organizationId, tx => idempotency.begin(tx, keyed));
    if (kept !== null) return replay(kept, keyed, response);
    keepAnswer(keyed, response, next);
    next();
  };
}

const purposeOf = ({ organizationId, actorId, keyHash }: Keyed): string =>
  `answer ${organizationId} ${actorId} ${keyHash.toString('hex')}`;
