import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { audit, type Database, inOrganization } from '@cratersync/db';
import { type Request, type Response, Router } from 'express';
import { auditCsv, auditJsonLines } from '../../audit/export.ts';
import { errors, type OrganizationId, rest } from '../../protocol/index.ts';
import type { Routes } from '../dependencies.ts';

const EXPORT_PAGE = 1000;

/** The audit log of the organization that this browser works in, for owners and admins. */
export function auditRoutes({ db, manager }: Routes): Router {
  const router = Router();

  router.get('/organization/audit', async (request, response) => {
    const { organization } = await manager(request, 'read the audit log');
    const { limit, cursor } = rest.pageQuery.parse(request.query);
    const filter = { ...filterOf(request), before: cursor === undefined ? undefined : sequenceOf(cursor) };
    const found = await inOrganization(db, organization.organizationId, tx =>
      audit.list(tx, filter, limit + 1),
    );
    const entries = found.slice(0, limit).map(audit.describe);
    const next = found.length > limit ? String(entries.at(-1)?.sequence) : null;
    response.json({ entries, next } satisfies rest.AuditPage);
  });

  const exporter =
    (type: string, extension: string, lines: typeof auditCsv) =>
    async (request: Request, response: Response) => {
      const { organization } = await manager(request, 'export the audit log');
      const entries = everyEntry(db, organization.organizationId, filterOf(request));
      response.type(type).attachment(`audit.${extension}`);
      await pipeline(Readable.from(lines(entries)), response);
    };
  router.get('/organization/audit.csv', exporter('text/csv', 'csv', auditCsv));
  router.get('/organization/audit.jsonl', exporter('application/jsonl', 'jsonl', auditJsonLines));

  return router;
}

function filterOf(request: Request): audit.Filter {
  const { action, actor, from, to } = rest.auditFilter.parse(request.query);
  return {
    action,
    actorId: actor,
    from: from === undefined ? undefined : new Date(from),
    to: to === undefined ? undefined : new Date(to),
  };
}

/** The entries have numbers: behind which the page begins. */
function sequenceOf(cursor: string): number {
  if (!/^[1-9]\d{0,14}$/.test(cursor))
    throw errors.badRequest('cursor: take it from “next” of the page before');
  return Number(cursor);
}

/** A transaction a page: whoever downloads slowly holds no connection. */
async function* everyEntry(
  db: Database,
  organizationId: OrganizationId,
  filter: audit.Filter,
): AsyncGenerator<rest.AuditEntry> {
  let before: number | undefined;
  for (;;) {
    const page = await inOrganization(db, organizationId, tx =>
      audit.list(tx, { ...filter, before }, EXPORT_PAGE),
    );
    yield* page.map(audit.describe);
    if (page.length < EXPORT_PAGE) return;
    before = page.at(-1)?.sequence;
  }
}
