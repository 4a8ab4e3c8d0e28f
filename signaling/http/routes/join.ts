import { Router } from 'express';
import type { z } from 'zod';
import { previewInvitation, seatGuest } from '../../accounts/seats.ts';
import { errors, rest } from '../../protocol/index.ts';
import type { Routes } from '../dependencies.ts';

/** For guests, who have no account: the token is all they show. */
export function joinRoutes({ db, rooms }: Routes): Router {
  const router = Router();

  router.post('/join/preview', async (request, response) => {
    requireToken(request.body);
    const { title, organizationName, region, role, keptDays, isByPlan, isHeld } = await previewInvitation(
      db,
      rest.previewInvitation.parse(request.body),
    );
    const kept = { days: keptDays, isByPlan, isHeld };
    response.json({ title, organizationName, region, role, kept } satisfies z.output<
      typeof rest.invitationPreview
    >);
  });

  router.post('/join/network', async (request, response) => {
    requireToken(request.body);
    const { dtlsParameters, ...invitation } = rest.joinNetwork.parse(request.body);
    const { sessionId, region } = await previewInvitation(db, invitation);
    response.json(await rooms.openProbe({ sessionId, region }, dtlsParameters));
  });

  router.post('/join', async (request, response) => {
    requireToken(request.body);
    response.status(201).json(await seatGuest(db, rest.join.parse(request.body)));
  });

  return router;
}

/** A mistyped link is a link that does not work, not a request of the wrong shape. */
function requireToken(body: unknown): void {
  const token: unknown = typeof body === 'object' && body !== null && 'token' in body ? body.token : null;
  if (!rest.token.safeParse(token).success) throw errors.linkInvalid();
}
