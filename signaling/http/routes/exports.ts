import { audit, exports, inOrganization, type OrganizationTx } from '@cratersync/db';
import { Sealer } from '@cratersync/infra/runtime';
import { type Request, type Response, Router } from 'express';
import { cancelExport, type ExportOwner, inScopeOf, orderExport, ownerId } from '../../accounts/exports.ts';
import { mustBeFresh } from '../../accounts/web-session.ts';
import { type AuditedAction, askedBy, entry } from '../../audit/asked.ts';
import {
  type ExportId,
  errors,
  exportId as exportIdSchema,
  type Region,
  rest,
} from '../../protocol/index.ts';
import type { Member, Routes } from '../dependencies.ts';
import { isBeginning, passOn } from '../pass-on.ts';
import { pathId } from './path-id.ts';

/** What owners take with them of their organization, and everybody of themselves. */
export function exportRoutes(routes: Routes): Router {
  const { db, config, person, worker, links } = routes;
  const router = Router();
  const sealer = new Sealer(config.SEALING_KEY, config.SEALING_KEY_PREVIOUS);
  const idOf = (request: Request) => pathId(exportIdSchema, request.params['exportId'], 'export');

  const owner = (request: Request) => routes.owner(request, 'export it');
  const list = async (of: ExportOwner, base: string, request: Request): Promise<rest.ExportList> => {
    const page = rest.pageQuery.parse(request.query);
    const { rows, next } = await inScopeOf(db, of, tx => exports.list(tx, page));
    return { exports: rows.map(row => shape(row, path => links.link(ownerId(of), `${base}${path}`))), next };
  };
  const described = async (of: ExportOwner, base: string, exportId: ExportId): Promise<rest.ExportState> => {
    const row = await inScopeOf(db, of, tx => exports.byId(tx, exportId));
    if (row === null) throw errors.notFound('export');
    return shape(row, path => links.link(ownerId(of), `${base}${path}`));
  };
  /** @param region null: what is kept of a person is no region's */
  const send = async (of: ExportOwner, region: Region | null, { request, response }: Http): Promise<void> => {
    const kind = 'organizationId' in of ? 'organizations' : 'accounts';
    const path = `/${kind}/${ownerId(of)}/exports/${idOf(request)}`;
    await passOn(worker, { region, path }, request, response);
  };

  const ORGANIZATION = '/api/v1/organization/exports';
  const written = async (
    tx: OrganizationTx,
    who: Member,
    action: AuditedAction,
    id: ExportId,
    http: Http,
    more = {},
  ) => {
    const asked = askedBy(who.account.accountId, http.request, http.response);
    await audit.append(tx, entry(asked, action, { kind: 'export', id }, more));
  };

  router.get('/organization/exports', async (request, response) => {
    const { organization } = await owner(request);
    response.json(await list(organization, ORGANIZATION, request));
  });

  router.post('/organization/exports', async (request, response) => {
    const who = await owner(request);
    const wanted = rest.orderExport.parse(request.body);
    mustBeFresh(await person(request));
    const { organizationId } = who.organization;
    const orderedBy = who.account.accountId;
    const page = `${config.PUBLIC_URL}/organization/export`;
    const exportId = await inOrganization(db, organizationId, async tx => {
      const id = await orderExport(tx, sealer, { ...wanted, orderedBy, page });
      await written(tx, who, 'export.ordered', id, { request, response }, { what: wanted.what });
      return id;
    });
    response.status(202).json(await described(who.organization, ORGANIZATION, exportId));
  });

  router.delete('/organization/exports/:exportId', async (request, response) => {
    const who = await owner(request);
    const exportId = idOf(request);
    await inOrganization(db, who.organization.organizationId, async tx => {
      await cancelExport(tx, exportId);
      await written(tx, who, 'export.cancelled', exportId, { request, response });
    });
    response.status(204).end();
  });

  router.get('/organization/exports/:exportId/file', async (request, response) => {
    const who = await owner(request);
    const exportId = idOf(request);
    const { organizationId } = who.organization;
    links.check(organizationId, request.baseUrl + request.path, request.query);
    await inOrganization(db, organizationId, async tx => {
      if ((await exports.byId(tx, exportId))?.state !== 'ready') throw errors.notFound('export');
      if (isBeginning(request)) await written(tx, who, 'export.downloaded', exportId, { request, response });
    });
    await send({ organizationId }, who.organization.region, { request, response });
  });

  const OWN = '/api/v1/me/exports';
  router.get('/me/exports', async (request, response) => {
    const { account } = await person(request);
    response.json(await list({ accountId: account.accountId }, OWN, request));
  });

  router.post('/me/exports', async (request, response) => {
    const who = await person(request);
    const { accountId } = who.account;
    const wanted = rest.orderOwnExport.parse(request.body);
    mustBeFresh(who);
    const ordered = {
      ...wanted,
      what: 'stems',
      orderedBy: accountId,
      page: `${config.PUBLIC_URL}/account`,
    } as const;
    const exportId = await inScopeOf(db, { accountId }, tx => orderExport(tx, sealer, ordered));
    response.status(202).json(await described({ accountId }, OWN, exportId));
  });

  router.delete('/me/exports/:exportId', async (request, response) => {
    const { accountId } = (await person(request)).account;
    const exportId = idOf(request);
    await inScopeOf(db, { accountId }, tx => cancelExport(tx, exportId));
    response.status(204).end();
  });

  router.get('/me/exports/:exportId/file', async (request, response) => {
    const { accountId } = (await person(request)).account;
    const exportId = idOf(request);
    const row = await inScopeOf(db, { accountId }, tx => exports.byId(tx, exportId));
    if (row?.state !== 'ready') throw errors.notFound('export');
    links.check(accountId, request.baseUrl + request.path, request.query);
    await send({ accountId }, null, { request, response });
  });

  return router;
}

interface Http {
  request: Request;
  response: Response;
}

function shape(row: exports.Export, link: (path: string) => string): rest.ExportState {
  const { exportId, what, lockedBy, state, doneSteps, allSteps, bytes, leftOut, note } = row;
  return {
    ...{ exportId, what, lockedBy, state, bytes, leftOut, note },
    orderedAt: row.orderedAt.toISOString(),
    progress: allSteps === null || allSteps === 0 ? 0 : Math.min(1, doneSteps / allSteps),
    expiresAt: row.expiresAt?.toISOString() ?? null,
    url: state === 'ready' ? link(`/${exportId}/file`) : null,
  };
}
