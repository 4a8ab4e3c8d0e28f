import { accounts, inOrganization, memberInvitations, memberships, unscoped } from '@cratersync/db';
import { type Request, type Response, Router } from 'express';
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
import type { Member, Routes } from '../dependencies.ts';
import { describeMe } from './me.ts';
import { pathId } from './path-id.ts';

/** The organization that this browser works in: its people and its name. */
export function organizationRoutes(routes: Routes): Router {
  const { db, limits, member, manager, mail, rooms, config } = routes;
  const router = Router();

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
    const wanted = rest.inviteMember.parse(request.body);
    const { invitation, token } = await inviteMember({ db, limits }, acting(who, request, response), wanted);
    const invited = await unscoped(db, tx => accounts.byEmail(tx, wanted.email));
    // Whoever has no account is most likely to speak what those speak who invite them.
    const reader = invited ?? { ...who.account, email: wanted.email };
    await mail.sendMemberInvitation(reader, {
      invitedBy: who.displayName,
      organizationName: who.organization.name,
      role: invitation.role,
      url: `${config.PUBLIC_URL}/invitation#${token.secret}`,
    });
    response.status(201).json(memberInvitationShape(invitation));
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
