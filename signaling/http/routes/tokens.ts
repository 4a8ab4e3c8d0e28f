import { apiTokens, inOrganization } from '@cratersync/db';
import { Router } from 'express';
import { apiTokenShape, makeApiToken, revokeApiToken } from '../../accounts/api-tokens.ts';
import { rest, tokenId as tokenIdSchema } from '../../protocol/index.ts';
import type { Routes } from '../dependencies.ts';
import { acting } from './organization.ts';
import { pathId } from './path-id.ts';

/** The API tokens of the organization, for owners and admins. */
export function tokenRoutes({ db, manager }: Routes): Router {
  const router = Router();

  router.get('/organization/tokens', async (request, response) => {
    const { organization } = await manager(request, 'see its API tokens');
    const rows = await inOrganization(db, organization.organizationId, tx => apiTokens.list(tx));
    response.json({ tokens: rows.map(apiTokenShape) });
  });

  router.post('/organization/tokens', async (request, response) => {
    const who = await manager(request, 'make API tokens');
    const wanted = rest.createApiToken.parse(request.body);
    const { token, secret } = await makeApiToken(db, acting(who, request, response), wanted);
    response.status(201).json({ ...apiTokenShape(token), token: secret });
  });

  router.delete('/organization/tokens/:tokenId', async (request, response) => {
    const who = await manager(request, 'revoke API tokens');
    const tokenId = pathId(tokenIdSchema, request.params.tokenId, 'token');
    await revokeApiToken(db, acting(who, request, response), tokenId);
    response.status(204).end();
  });

  return router;
}
