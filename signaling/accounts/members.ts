import {
  audit,
  type Database,
  inOrganization,
  memberInvitations,
  memberships,
  type OrganizationTx,
  organizations,
  withCapability,
} from '@cratersync/db';
import { type Asked, entry } from '../audit/asked.ts';
import type { PlanLimits } from '../billing/standing.ts';
import {
  type AccountId,
  errors,
  type MemberInvitationId,
  type MemberRole,
  managerRoles,
  mayChangeRole,
  type OrganizationId,
  type rest,
} from '../protocol/index.ts';
import { revokeTokensOf } from './api-tokens.ts';
import { type Bearer, hashOf, newBearer } from './secrets.ts';

const LIFETIME_MS = 7 * 24 * 3_600_000;

/** Somebody who acts in an organization. */
export interface Acting {
  organizationId: OrganizationId;
  accountId: AccountId;
  role: MemberRole;
  asked: Asked;
}

/** What it takes to decide who becomes a member. */
interface Deciding {
  db: Database;
  limits: PlanLimits;
}

/** One after the other: two who are taken in at once are counted. @throws `plan_limit` */
async function requireRoom(tx: OrganizationTx, limits: PlanLimits): Promise<void> {
  const { members } = await limits.of(tx);
  if (members === null) return;
  await memberships.holdOwners(tx);
  if ((await memberships.count(tx)) >= members) throw errors.planMembers(members);
}

/** @returns the invitation, and the token for its mail */
export async function inviteMember(
  { db, limits }: Deciding,
  acting: Acting,
  { email, role }: { email: string; role: memberInvitations.InvitedRole },
): Promise<{ invitation: memberInvitations.MemberInvitation; token: Bearer }> {
  if (!mayChangeRole(acting.role, null, role)) throw refused();
  const token = newBearer(128);
  const invitation = await inOrganization(db, acting.organizationId, async tx => {
    if ((await memberships.byEmail(tx, email)) !== null)
      throw errors.conflict(`${email} is a member already.`);
    await requireRoom(tx, limits);
    const made = await memberInvitations.replace(tx, {
      email,
      role,
      tokenHash: token.hash,
      invitedBy: acting.accountId,
      lifetimeMs: LIFETIME_MS,
    });
    const target = { kind: 'member-invitation', id: made.memberInvitationId } as const;
    await audit.append(tx, entry(acting.asked, 'member.invited', target, { role }));
    return made;
  });
  return { invitation, token };
}

export async function revokeMemberInvitation(
  db: Database,
  acting: Acting,
  id: MemberInvitationId,
): Promise<void> {
  await inOrganization(db, acting.organizationId, async tx => {
    if (!(await memberInvitations.conclude(tx, id, 'revoked'))) throw errors.notFound('invitation');
    const target = { kind: 'member-invitation', id } as const;
    await audit.append(tx, entry(acting.asked, 'member.invitation-revoked', target));
  });
}

/** What a mailed invitation opens. @throws `link_invalid` */
export async function openMemberInvitation(
  db: Database,
  token: string,
): Promise<memberInvitations.OpenedMemberInvitation> {
  const capability = { kind: 'member-invitation', hash: hashOf(token) } as const;
  const opened = await withCapability(db, capability, tx => memberInvitations.opened(tx));
  if (opened === null) throw errors.memberInvitationInvalid();
  return opened;
}

/**
 * Makes whoever the invitation was mailed to a member.
 * @returns the organization
 * @throws `link_invalid`; `conflict` for somebody with another address
 */
export async function acceptMemberInvitation(
  { db, limits }: Deciding,
  token: string,
  { account, asked }: { account: { accountId: AccountId; email: string }; asked: Asked },
): Promise<OrganizationId> {
  const invitation = await openMemberInvitation(db, token);
  if (invitation.email !== account.email)
    throw errors.conflict(
      `This invitation is for ${invitation.email}, and you are signed in as ${account.email}. Sign out, and sign in with that address.`,
    );
  await inOrganization(db, invitation.organizationId, async tx => {
    const { memberInvitationId, role } = invitation;
    if (!(await memberInvitations.conclude(tx, memberInvitationId, 'accepted', account.accountId)))
      throw errors.memberInvitationInvalid();
    if ((await memberships.byId(tx, account.accountId)) === null) await requireRoom(tx, limits);
    if (!(await memberships.begin(tx, account.accountId, role))) return;
    const target = { kind: 'member', id: account.accountId } as const;
    await audit.append(tx, entry(asked, 'member.joined', target, { role }));
  });
  return invitation.organizationId;
}

/** Whoever holds the token may say no, without an account. */
export async function declineMemberInvitation(db: Database, token: string, asked: Asked): Promise<void> {
  const { organizationId, memberInvitationId: id } = await openMemberInvitation(db, token);
  await inOrganization(db, organizationId, async tx => {
    if (!(await memberInvitations.conclude(tx, id, 'declined'))) throw errors.memberInvitationInvalid();
    await audit.append(tx, entry(asked, 'member.invitation-declined', { kind: 'member-invitation', id }));
  });
}

export async function changeRole(
  db: Database,
  acting: Acting,
  { accountId, role }: { accountId: AccountId; role: MemberRole },
): Promise<void> {
  await inOrganization(db, acting.organizationId, async tx => {
    const owners = await memberships.holdOwners(tx);
    const { role: from } = await present(tx, accountId);
    if (!mayChangeRole(await stillOf(tx, acting), from, role)) throw refused();
    if (role === from) return;
    if (from === 'owner') notTheLast(owners, accountId);
    await memberships.setRole(tx, accountId, role);
    const target = { kind: 'member', id: accountId } as const;
    await audit.append(tx, entry(acting.asked, 'member.role-changed', target, { from, to: role }));
    if (!managerRoles.includes(role)) await revokeTokensOf(tx, accountId, acting.asked);
  });
}

/** Somebody else becomes an owner, and whoever gives it away an admin. */
export async function transferOwnership(db: Database, acting: Acting, to: AccountId): Promise<void> {
  await inOrganization(db, acting.organizationId, async tx => {
    await memberships.holdOwners(tx);
    if ((await stillOf(tx, acting)) !== 'owner') throw errors.roleNeeded('owners', 'hand it on');
    const { role: from } = await present(tx, to);
    if (to === acting.accountId) throw errors.conflict('You are an owner already.');
    if (await memberships.isLeaving(tx, to))
      throw errors.conflict('Their account is to be deleted. Choose somebody who stays.');
    const change = async (accountId: AccountId, before: MemberRole, after: MemberRole) => {
      if (before === after) return;
      await memberships.setRole(tx, accountId, after);
      const target = { kind: 'member', id: accountId } as const;
      await audit.append(tx, entry(acting.asked, 'member.role-changed', target, { from: before, to: after }));
    };
    await change(to, from, 'owner');
    await change(acting.accountId, 'owner', 'admin');
  });
}

/** Removes a member, or is how one leaves. */
export async function endMembership(db: Database, acting: Acting, accountId: AccountId): Promise<void> {
  const isLeaving = accountId === acting.accountId;
  await inOrganization(db, acting.organizationId, async tx => {
    const owners = await memberships.holdOwners(tx);
    const { role } = await present(tx, accountId);
    if (!isLeaving && !mayChangeRole(await stillOf(tx, acting), role, null)) throw refused();
    if (role === 'owner') notTheLast(owners, accountId);
    await memberships.end(tx, accountId);
    const target = { kind: 'member', id: accountId } as const;
    await audit.append(
      tx,
      entry(acting.asked, isLeaving ? 'member.left' : 'member.removed', target, { role }),
    );
    await revokeTokensOf(tx, accountId, acting.asked);
  });
}

export async function renameOrganization(db: Database, acting: Acting, name: string): Promise<void> {
  await inOrganization(db, acting.organizationId, async tx => {
    await organizations.rename(tx, name);
    const target = { kind: 'organization', id: acting.organizationId } as const;
    await audit.append(tx, entry(acting.asked, 'organization.renamed', target));
  });
}

export const memberShape = (row: memberships.Member): rest.Member => ({
  ...row,
  since: row.since.toISOString(),
});

export const memberInvitationShape = (
  row: memberInvitations.MemberInvitation & { undelivered: rest.Undelivered | null },
): rest.MemberInvitation => ({
  memberInvitationId: row.memberInvitationId,
  email: row.email,
  role: row.role,
  createdAt: row.createdAt.toISOString(),
  expiresAt: row.expiresAt.toISOString(),
  undelivered: row.undelivered,
});

async function present(tx: OrganizationTx, accountId: AccountId): Promise<memberships.Member> {
  const member = await memberships.byId(tx, accountId);
  if (member === null) throw errors.notFound('member');
  return member;
}

/** The role as it is now, under the lock: it may have changed since the request came in. */
const stillOf = async (tx: OrganizationTx, acting: Acting): Promise<MemberRole> =>
  (await present(tx, acting.accountId)).role;

function notTheLast(owners: AccountId[], accountId: AccountId): void {
  if (!owners.some(owner => owner !== accountId))
    throw errors.conflict('An organization needs an owner. Make somebody else an owner first.');
}

const refused = () => errors.roleNeeded('owners (and, for members, admins)', 'do that');
