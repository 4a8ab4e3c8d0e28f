import { inOrganization, keeping, type OrganizationTx } from '@cratersync/db';
import { type Request, type Response, Router } from 'express';
import { askedBy } from '../../audit/asked.ts';
import type { PlanLimits } from '../../billing/standing.ts';
import { placeHold, releaseHold } from '../../keeping/holds.ts';
import { changeRetention, retentionShape } from '../../keeping/retention.ts';
import {
  recordingId as recordingIdSchema,
  rest,
  sessionId as sessionIdSchema,
} from '../../protocol/index.ts';
import type { Routes } from '../dependencies.ts';
import { pathId } from './path-id.ts';

/** How long recordings are kept, and what keeps them longer. */
export function keepingRoutes({ db, limits, member, manager }: Routes): Router {
  const router = Router();

  router.get('/organization/keeping', async (request, response) => {
    const { organization } = await member(request);
    response.json(await inOrganization(db, organization.organizationId, tx => shown(tx, limits)));
  });

  router.patch('/organization/keeping', async (request, response) => {
    const { organization, account } = await manager(request, 'say how long recordings are kept');
    const { retention } = rest.updateKeeping.parse(request.body);
    const asked = askedBy(account.accountId, request, response);
    const changed = await inOrganization(db, organization.organizationId, async tx => {
      await changeRetention(tx, retention, { asked, limits });
      return shown(tx, limits);
    });
    response.json(changed);
  });

  /** What can be held, by its path. */
  const holdable: Record<string, (request: Request) => keeping.Held> = {
    '/organization': () => ({ of: 'organization' }),
    '/sessions/:sessionId': ({ params }) => ({
      of: 'session',
      id: pathId(sessionIdSchema, params['sessionId'], 'session'),
    }),
    '/recordings/:recordingId': ({ params }) => ({
      of: 'recording',
      id: pathId(recordingIdSchema, params['recordingId'], 'recording'),
    }),
  };
  const acting = async (request: Request, response: Response) => {
    const { organization, account } = await manager(request, 'place and release legal holds');
    return {
      organizationId: organization.organizationId,
      asked: askedBy(account.accountId, request, response),
    };
  };
  for (const [path, heldOf] of Object.entries(holdable)) {
    router.post(`${path}/hold`, async (request, response) => {
      const { organizationId, asked } = await acting(request, response);
      const held = heldOf(request);
      const { reason } = rest.placeHold.parse(request.body);
      await inOrganization(db, organizationId, tx => placeHold(tx, held, { reason, asked }));
      response.status(204).end();
    });
    router.delete(`${path}/hold`, async (request, response) => {
      const { organizationId, asked } = await acting(request, response);
      const held = heldOf(request);
      await inOrganization(db, organizationId, tx => releaseHold(tx, held, asked));
      response.status(204).end();
    });
  }

  return router;
}

async function shown(tx: OrganizationTx, limits: PlanLimits): Promise<rest.OrganizationKeeping> {
  const { retentionDays, hold } = await keeping.ofOrganization(tx);
  const most = await limits.retention(tx);
  return {
    retention: retentionShape(retentionDays, limits),
    plan: most === null ? null : { name: most.plan, days: most.days },
    hold: holdShape(hold),
  };
}

export const holdShape = (hold: keeping.Hold | null): rest.Hold | null =>
  hold === null ? null : { since: hold.since.toISOString(), reason: hold.reason };

export const recordingKeepingShape = ({
  until,
  isByPlan,
  hold,
}: keeping.RecordingKeeping): rest.RecordingKeeping => ({
  until: until?.toISOString() ?? null,
  isByPlan,
  hold: hold === null ? null : { ...hold, since: hold.since.toISOString() },
});
