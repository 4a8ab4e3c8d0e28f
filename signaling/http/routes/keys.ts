import { audit, customerKeys, inOrganization } from '@cratersync/db';
import { Router } from 'express';
import { askedBy, entry } from '../../audit/asked.ts';
import { errors, rest } from '../../protocol/index.ts';
import type { Routes } from '../dependencies.ts';

/** The key that an organization brings; for owners. Whether it works, the worker tries, which has our name in AWS. */
export function keyRoutes({ db, limits, owner }: Routes): Router {
  const router = Router();
  const WHAT = 'see and change its keys';

  router.get('/organization/keys', async (request, response) => {
    const { organization } = await owner(request, WHAT);
    const state = await inOrganization(db, organization.organizationId, customerKeys.state);
    response.json(shape(state));
  });

  router.post('/organization/keys', async (request, response) => {
    const { account, organization } = await owner(request, WHAT);
    const key = rest.bringKey.parse(request.body);
    const asked = askedBy(account.accountId, request, response);
    const { organizationId } = organization;
    const state = await inOrganization(db, organizationId, async tx => {
      if (!(await limits.of(tx)).ownKeys) throw errors.planOwnKeys();
      await customerKeys.want(tx, key);
      const target = { kind: 'organization', id: organizationId } as const;
      await audit.append(tx, entry(asked, 'key.brought', target, { keyArn: key.keyArn }));
      return customerKeys.state(tx);
    });
    response.status(202).json(shape(state));
  });

  router.delete('/organization/keys', async (request, response) => {
    const { account, organization } = await owner(request, WHAT);
    const asked = askedBy(account.accountId, request, response);
    const { organizationId } = organization;
    const state = await inOrganization(db, organizationId, async tx => {
      if (await customerKeys.stop(tx))
        await audit.append(tx, entry(asked, 'key.given-back', { kind: 'organization', id: organizationId }));
      return customerKeys.state(tx);
    });
    response.status(202).json(shape(state));
  });

  return router;
}

function shape(state: customerKeys.CustomerKeyState | null): rest.OrganizationKeys {
  if (state === null)
    return { inUse: null, wanted: null, refused: null, progress: null, trouble: null, troubleSince: null };
  const { inUse, wanted, refused, done, total, finishedAt, trouble, troubleSince } = state;
  return {
    ...{ inUse, wanted, refused, trouble },
    progress: { done, total, finishedAt: finishedAt?.toISOString() ?? null },
    troubleSince: troubleSince?.toISOString() ?? null,
  };
}
