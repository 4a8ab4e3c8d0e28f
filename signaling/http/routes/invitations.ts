import { audit, inOrganization, invitations, sessions } from '@cratersync/db';
import { Router } from 'express';
import { newBearer } from '../../accounts/secrets.ts';
import { askedBy, entry } from '../../audit/asked.ts';
import {
  errors,
  invitationId as invitationIdSchema,
  rest,
  sessionId as sessionIdSchema,
} from '../../protocol/index.ts';
import type { Routes } from '../dependencies.ts';
import { pathId } from './path-id.ts';

const HOUR_MS = 3_600_000;

export function invitationRoutes({ db, member, rooms, config }: Routes): Router {
  const router = Router();

  router.post('/sessions/:sessionId/invitations', async (request, response) => {
    const { organization, account } = await member(request);
    const sessionId = pathId(sessionIdSchema, request.params['sessionId'], 'session');
    const { role, lifetimeHours, maxUses } = rest.createInvitation.parse(request.body ?? {});
    const token = newBearer(128);
    const row = await inOrganization(db, organization.organizationId, async tx => {
      if ((await sessions.byId(tx, sessionId)) === null) throw errors.notFound('session');
      const made = await invitations.create(tx, {
        sessionId,
        role,
        tokenHash: token.hash,
        createdBy: account.accountId,
        lifetimeMs: lifetimeHours * HOUR_MS,
        maxUses,
      });
      const asked = askedBy(account.accountId, request, response);
      const target = { kind: 'guest-link', id: made.invitationId } as const;
      const details = { role, lifetimeHours, ...(maxUses === null ? {} : { maxUses }) };
      await audit.append(tx, entry(asked, 'guest-link.created', target, details));
      return made;
    });
    // In the fragment: it is not sent to any server, and so in no log.
    const url = new URL(`/join#${token.secret}`, config.PUBLIC_URL).href;
    response.status(201).json({ ...invitationShape(row), url });
  });

  router.delete('/sessions/:sessionId/invitations/:invitationId', async (request, response) => {
    const { organization, account } = await member(request);
    const sessionId = pathId(sessionIdSchema, request.params['sessionId'], 'session');
    const invitationId = pathId(invitationIdSchema, request.params['invitationId'], 'invitation');
    await inOrganization(db, organization.organizationId, async tx => {
      const isNew = await invitations.revoke(tx, sessionId, invitationId);
      if (isNew === null) throw errors.notFound('invitation');
      if (!isNew) return;
      const asked = askedBy(account.accountId, request, response);
      await audit.append(tx, entry(asked, 'guest-link.revoked', { kind: 'guest-link', id: invitationId }));
    });
    await rooms.dismissRevoked(organization.organizationId);
    response.status(204).end();
  });

  return router;
}

export const invitationShape = (row: invitations.Invitation): rest.Invitation => ({
  invitationId: row.invitationId,
  role: row.role,
  uses: row.uses,
  maxUses: row.maxUses,
  createdAt: row.createdAt.toISOString(),
  expiresAt: row.expiresAt.toISOString(),
  revokedAt: row.revokedAt?.toISOString() ?? null,
});
