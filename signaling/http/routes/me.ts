import { randomUUID } from 'node:crypto';
import { accounts, asAccount, type Database, inOrganization, organizations, unscoped } from '@cratersync/db';
import { Router } from 'express';
import { errors, organizationId as organizationIdSchema, rest } from '../../protocol/index.ts';
import type { Routes } from '../dependencies.ts';

export function meRoutes({ db, person }: Routes): Router {
  const router = Router();

  router.get('/me', async (request, response) => {
    const { account } = await person(request);
    response.json(await describeMe(db, account));
  });

  router.patch('/me', async (request, response) => {
    const { account, organization } = await person(request);
    const { displayName, organizationName } = rest.updateMe.parse(request.body);
    if (organization === null && organizationName === undefined)
      throw errors.badRequest('organizationName: your organization needs a name');
    await unscoped(db, tx => accounts.rename(tx, account.accountId, displayName));
    if (organization === null && organizationName !== undefined) {
      const organizationId = organizationIdSchema.parse(randomUUID());
      await inOrganization(db, organizationId, tx =>
        organizations.create(tx, { name: organizationName, ownerId: account.accountId }),
      );
    }
    response.json(await describeMe(db, { ...account, displayName }));
  });

  return router;
}

export async function describeMe(db: Database, account: accounts.Account): Promise<rest.Me> {
  const own = await asAccount(db, account.accountId, tx => organizations.ownedOrJoined(tx));
  return { ...account, organization: own[0] ?? null };
}
