import { accounts, inOrganization, memberInvitations, memberships, unscoped } from '@cratersync/db';
import { type Request, type Response, Router } from 'express';
import type { z } from 'zod';
import {
  type Acting,
  changeRole,
  endMembership,
  inviteMember,
  memberInvitationShape,
  memberShape,
  renameOrganization,
  revokeMemberInvitation,
  transferOwnership,
} from '../../accounts/members.ts';
import { askedBy } from '../../audit/asked.ts';
import {
  accountId as accountIdSchema,
  managerRoles,
  memberInvitationId as memberInvitationIdSchema,
  rest,
} from '../../protocol/index.ts';
import { RateLimit } from '../../rate-limit.ts';
import type { Member, Routes } from '../dependencies.ts';
import { refuse } from '../limits.ts';
import { describeMe } from './me.ts';
import { pathId } from './path-id.ts';

/** The organization that this browser works in: its people and its name. */
export function organizationRoutes(routes: Routes): Router {
  const { db, limits, member, manager, mail, rooms, config } = routes;
  const router = Router();
  const byMail = new RateLimit({ burst: 5, everyMs: 10 * 60_000 });

  /** @returns null when it has left. An invitation stands all the same: it can be sent again, or handed on. */
  async function mailed(who: Member, invitation: memberInvitations.MemberInvitation, url: string) {
    const { memberInvitationId, email, role } = invitation;
    const invited = await unscoped(db, tx => accounts.byEmail(tx, email));
    // Whoever has no account is most likely to speak what those speak who invite them.
    const reader = invited ?? { ...who.account, email };
    const { displayName: invitedBy, organization } = who;
    const organizationName = organization.name;
    const undelivered = await mail.sendMemberInvitation(reader, { invitedBy, organizationName, role, url });
    if (undelivered !== null)
      await inOrganization(db, organization.organizationId, tx =>
        memberInvitations.noteUndelivered(tx, memberInvitationId, undelivered),
      );
    return undelivered;
  }

  router.patch('/organization', async (request, response) => {
    const who = await manager(request, 'rename it');
    const { name } = rest.updateOrganization.parse(request.body);
    await renameOrganization(db, acting(who, request, response), name);
    response.json(await describeMe(routes, who.account, request));
  });

  router.get('/organization/members', async (request, response) => {
    const { organization } = await member(request);
    const page = rest.pageQuery.parse(request.query);
    const mayManage = managerRoles.includes(organization.role);
    const withInvitations = mayManage && page.cursor === undefined;
    const shown = await inOrganization(db, organization.organizationId, async tx => {
      const { rows, next } = await memberships.list(tx, page);
      const invitations = withInvitations ? await memberInvitations.waiting(tx) : [];
      return { members: rows.map(memberShape), invitations: invitations.map(memberInvitationShape), next };
    });
    response.json(shown satisfies rest.Members);
  });

  router.post('/organization/invitations', async (request, response) => {
    const who = await manager(request, 'invite members');
    const { by, ...wanted } = rest.inviteMember.parse(request.body);
    if (by === 'mail') refuse(response, byMail.take(wanted.email), 'invitations to that address');
    const { invitation, token } = await inviteMember({ db, limits }, acting(who, request, response), wanted);
    const url = `${config.PUBLIC_URL}/invitation#${token.secret}`;
    const undelivered = by === 'mail' ? await mailed(who, invitation, url) : null;
    const made = { ...memberInvitationShape({ ...invitation, undelivered }), ...(by === 'link' && { url }) };
    response.status(201).json(made satisfies z.output<typeof rest.madeMemberInvitation>);
  });

  router.delete('/organization/invitations/:memberInvitationId', async (request, response) => {
    const who = await manager(request, 'withdraw invitations');
    const id = pathId(memberInvitationIdSchema, request.params.memberInvitationId, 'invitation');
    await revokeMemberInvitation(db, acting(who, request, response), id);
    response.status(204).end();
  });

  router.patch('/organization/members/:accountId', async (request, response) => {
    const who = await manager(request, 'change roles');
    const accountId = pathId(accountIdSchema, request.params.accountId, 'member');
    const { role } = rest.changeMember.parse(request.body);
    await changeRole(db, acting(who, request, response), { accountId, role });
    response.status(204).end();
  });

  router.delete('/organization/members/:accountId', async (request, response) => {
    const who = await member(request);
    const accountId = pathId(accountIdSchema, request.params.accountId, 'member');
    await endMembership(db, acting(who, request, response), accountId);
    await rooms.dismissRevoked(who.organization.organizationId);
    response.status(204).end();
  });

  router.post('/organization/transfer', async (request, response) => {
    const who = await member(request);
    const { accountId } = rest.transferOwnership.parse(request.body);
    await transferOwnership(db, acting(who, request, response), accountId);
    response.status(204).end();
  });

  return router;
}

export const acting = ({ account, organization }: Member, request: Request, response: Response): Acting => ({
  organizationId: organization.organizationId,
  role: organization.role,
  accountId: account.accountId,
  asked: askedBy(account.accountId, request, response),
});
