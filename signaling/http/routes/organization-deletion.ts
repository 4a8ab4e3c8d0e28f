import { type Request, type Response, Router } from 'express';
import { closeOrganization, keepOrganization, type Owner } from '../../accounts/organization-deletion.ts';
import { mustBeFresh } from '../../accounts/web-session.ts';
import { errors, rest } from '../../protocol/index.ts';
import type { Member, Routes } from '../dependencies.ts';
import { describeMe } from './me.ts';
import { acting } from './organization.ts';

/** How an owner is rid of the whole organization, and how it is kept after all. */
export function organizationDeletionRoutes(routes: Routes): Router {
  const { db, person, rooms, config } = routes;
  const router = Router();

  router.post('/organization/deletion', async (request, response) => {
    const who = await owner(request, response, 'delete it');
    mustBeFresh(await person(request));
    const { name } = rest.deleteOrganization.parse(request.body);
    const { organizationId, organizationName } = who.owner;
    if (name !== organizationName)
      throw errors.conflict(`That is not its name. Type it as it is written: ${organizationName}`);
    await closeOrganization(db, who.owner, `${config.PUBLIC_URL}/organization`);
    await rooms.dismissRevoked(organizationId);
    response.status(202).json(await describeMe(routes, who.account, organizationId));
  });

  router.delete('/organization/deletion', async (request, response) => {
    const who = await owner(request, response, 'undo its deletion');
    await keepOrganization(db, who.owner);
    response.json(await describeMe(routes, who.account, who.owner.organizationId));
  });

  async function owner(
    request: Request,
    response: Response,
    what: string,
  ): Promise<Member & { owner: Owner }> {
    const who = await routes.owner(request, what);
    const { displayName } = who;
    const organizationName = who.organization.name;
    return { ...who, owner: { ...acting(who, request, response), displayName, organizationName } };
  }

  return router;
}
