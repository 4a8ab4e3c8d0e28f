import { randomUUID } from 'node:crypto';
import { accounts, asAccount, type Database, inOrganization, organizations, unscoped } from '@cratersync/db';
import { Router } from 'express';
import {
  type AccountId,
  errors,
  organizationId as organizationIdSchema,
  rest,
} from '../../protocol/index.ts';
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
    if (organization === null && organizationName !== undefined)
      await settleIn(db, account.accountId, { displayName, organizationName });
    else await unscoped(db, tx => accounts.rename(tx, account.accountId, displayName));
    response.json(await describeMe(db, { ...account, displayName }));
  });

  return router;
}

/** The first sign-in: a name and a personal organization, both or neither, and once however often it is sent. */
async function settleIn(
  db: Database,
  accountId: AccountId,
  { displayName, organizationName }: { displayName: string; organizationName: string },
): Promise<void> {
  await inOrganization(db, organizationIdSchema.parse(randomUUID()), async tx => {
    if (await accounts.nameFirst(tx, accountId, displayName))
      await organizations.create(tx, { name: organizationName, ownerId: accountId });
  });
}

export async function describeMe(db: Database, account: accounts.Account): Promise<rest.Me> {
  const own = await asAccount(db, account.accountId, tx => organizations.ofAccount(tx));
  return { ...account, organization: own[0] ?? null };
}
