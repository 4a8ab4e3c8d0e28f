import type { apiTokens, Database } from '@cratersync/db';
import type { Request } from 'express';
import { tokenOf } from '../accounts/api-tokens.ts';
import { type Cookies, signedIn } from '../accounts/web-session.ts';
import { errors, type MemberRole, managerRoles } from '../protocol/index.ts';
import type { Asking, Member } from './dependencies.ts';
import { operationOf } from './openapi/operations.ts';

/** How routes learn who is asking. */
export function whoAsks({ db, cookies }: { db: Database; cookies: Cookies }): Asking {
  const person: Asking['person'] = async request => {
    if (tokenOf(request) !== undefined) throw errors.tokenRefused();
    return await signedIn(db, cookies, request);
  };
  const anyMember = async (request: Request): Promise<Member> => {
    const token = tokenOf(request);
    if (token !== undefined) return memberOf(token);
    const { organization, account, ...rest } = await person(request);
    if (organization === null || account.displayName === null)
      throw errors.conflict('Give your name and your organization’s first.');
    if (account.purgeAfter !== null)
      throw errors.conflict('Your account is to be deleted. To go on, choose “Keep my account” first.');
    return { ...rest, account, organization, displayName: account.displayName };
  };
  const member: Asking['member'] = async request => {
    const who = await anyMember(request);
    const { eraseAfter } = who.organization;
    if (eraseAfter !== null && isChange(request)) throw errors.organizationClosing(eraseAfter.toISOString());
    return who;
  };
  const only = (roles: readonly MemberRole[], named: string): Asking['manager'] => {
    return async (request, what) => {
      const who = await member(request);
      if (!roles.includes(who.organization.role)) throw errors.roleNeeded(named, what);
      return who;
    };
  };
  return {
    person,
    member,
    manager: only(managerRoles, 'owners and admins'),
    owner: only(['owner'], 'owners'),
  };
}

/** A token acts for whoever made it, as far as its scopes go; they are looked at before (token-gate.ts). */
const memberOf = ({ account, organization }: apiTokens.OpenedToken): Member => ({
  account,
  organization,
  organizations: [organization],
  displayName: account.displayName ?? account.email,
});

/** An organization that is to be deleted can only be read; what is marked so changes nothing in it, or is how it is kept. */
function isChange({ method, path }: Request): boolean {
  if (method === 'GET' || method === 'HEAD') return false;
  return operationOf(method, path)?.operation.whileClosing !== true;
}
