import { Router } from 'express';
import type { z } from 'zod';
import {
  acceptMemberInvitation,
  declineMemberInvitation,
  openMemberInvitation,
} from '../../accounts/members.ts';
import { askedBy, askedBySomebody } from '../../audit/asked.ts';
import { rest } from '../../protocol/index.ts';
import type { Routes } from '../dependencies.ts';
import { describeMe, ORGANIZATION_COOKIE_MS } from './me.ts';

/** For whoever was invited into an organization: the token from the mail, and to accept, an account. */
export function memberInvitationRoutes(routes: Routes): Router {
  const { db, cookies, person } = routes;
  const router = Router();

  router.post('/member-invitations/preview', async (request, response) => {
    const { token } = rest.memberInvitationToken.parse(request.body);
    const { organizationName, email, role } = await openMemberInvitation(db, token);
    const preview = { organizationName, email, role };
    response.json(preview satisfies z.output<typeof rest.memberInvitationPreview>);
  });

  router.post('/member-invitations/accept', async (request, response) => {
    const { account } = await person(request);
    const { token } = rest.memberInvitationToken.parse(request.body);
    const asked = askedBy(account.accountId, request, response);
    const organizationId = await acceptMemberInvitation(routes, token, { account, asked });
    cookies.set(response, 'organization', organizationId, ORGANIZATION_COOKIE_MS);
    response.json(await describeMe(routes, account, organizationId));
  });

  router.post('/member-invitations/decline', async (request, response) => {
    const { token } = rest.memberInvitationToken.parse(request.body);
    await declineMemberInvitation(db, token, askedBySomebody(request, response));
    response.status(204).end();
  });

  return router;
}
