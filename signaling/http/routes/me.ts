import { randomUUID } from 'node:crypto';
import { accounts, audit, inOrganization, organizations, unscoped } from '@cratersync/db';
import { type Request, Router } from 'express';
import { organizationsOf } from '../../accounts/web-session.ts';
import { type Asked, askedBy, entry } from '../../audit/asked.ts';
import {
  type AccountId,
  errors,
  type OrganizationId,
  organizationId as organizationIdSchema,
  type Region,
  rest,
} from '../../protocol/index.ts';
import type { Routes } from '../dependencies.ts';

export function meRoutes(routes: Routes): Router {
  const { db, cookies, person, member, payments } = routes;
  const router = Router();

  router.get('/me', async (request, response) => {
    const { account, organization, organizations } = await person(request);
    response.json(meShape(account, { organization, organizations, isBilled: payments !== null }));
  });

  router.patch('/me', async (request, response) => {
    const { account, organization } = await person(request);
    const { accountId } = account;
    const { organizationName, region, ...profile } = rest.updateMe.parse(request.body);
    const displayName = profile.displayName ?? account.displayName;
    if (displayName === null) throw errors.badRequest('displayName: say what you are called');
    if (organization === null && organizationName !== undefined)
      await found(routes, newOrganizationId(), {
        accountId,
        asked: askedBy(accountId, request, response),
        name: organizationName,
        region: region ?? 'ca',
        firstName: account.displayName === null ? displayName : null,
      });
    else if (organization === null && account.displayName === null)
      throw errors.badRequest('organizationName: your organization needs a name');
    const changed = await unscoped(db, tx => accounts.setProfile(tx, accountId, profile));
    response.json(await describeMe(routes, changed, request));
  });

  router.post('/organizations', async (request, response) => {
    const { account } = await member(request);
    const wanted = rest.createOrganization.parse(request.body);
    const organizationId = newOrganizationId();
    const { accountId } = account;
    const asked = askedBy(accountId, request, response);
    await found(routes, organizationId, { accountId, asked, ...wanted, firstName: null });
    cookies.set(response, 'organization', organizationId, ORGANIZATION_COOKIE_MS);
    response.status(201).json(await describeMe(routes, account, organizationId));
  });

  router.post('/organizations/current', async (request, response) => {
    const { account, organizations } = await member(request);
    const { organizationId } = rest.switchOrganization.parse(request.body);
    if (!organizations.some(own => own.organizationId === organizationId))
      throw errors.notFound('organization');
    cookies.set(response, 'organization', organizationId, ORGANIZATION_COOKIE_MS);
    response.json(await describeMe(routes, account, organizationId));
  });

  return router;
}

export const ORGANIZATION_COOKIE_MS = 400 * 24 * 3_600_000;
const newOrganizationId = () => organizationIdSchema.parse(randomUUID());

/**
 * Makes an organization with its first owner.
 * @param founding.firstName given by whoever has none yet. Both or neither, and once however often it is sent: nothing
 *   is done when they have got one meanwhile
 */
async function found(
  { db, limits }: Pick<Routes, 'db' | 'limits'>,
  organizationId: OrganizationId,
  founding: { accountId: AccountId; asked: Asked; name: string; region: Region; firstName: string | null },
): Promise<void> {
  const { accountId, asked, name, region, firstName } = founding;
  await inOrganization(db, organizationId, async tx => {
    if (firstName !== null && !(await accounts.nameFirst(tx, accountId, firstName))) return;
    await organizations.create(tx, { name, region, ownerId: accountId });
    await limits.follow(tx);
    const target = { kind: 'organization', id: organizationId } as const;
    await audit.append(tx, entry(asked, 'organization.created', target, { region }));
  });
}

/** @param from where the organization that this browser works in is read, or its id */
export async function describeMe(
  { db, cookies, payments }: Pick<Routes, 'db' | 'cookies' | 'payments'>,
  account: accounts.Account,
  from: Request | OrganizationId,
): Promise<rest.Me> {
  const wished = typeof from === 'string' ? from : cookies.read(from, 'organization');
  const own = await organizationsOf(db, account.accountId, wished);
  return meShape(account, { ...own, isBilled: payments !== null });
}

type Belongs = Awaited<ReturnType<typeof organizationsOf>>;

const meShape = (
  account: accounts.Account,
  { organization, organizations, isBilled }: Belongs & Pick<rest.Me, 'isBilled'>,
): rest.Me => ({
  ...account,
  isBilled,
  purgeAfter: account.purgeAfter?.toISOString() ?? null,
  organization: organization === null ? null : membershipShape(organization),
  organizations: organizations.map(membershipShape),
});

const membershipShape = ({ eraseAfter, ...membership }: organizations.Membership) => ({
  ...membership,
  eraseAfter: eraseAfter?.toISOString() ?? null,
});
