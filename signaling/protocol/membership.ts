import { z } from 'zod';

/** What somebody is in an organization, the mightiest first. */
export const memberRole = z.enum(['owner', 'admin', 'member']);
export type MemberRole = z.output<typeof memberRole>;

/** Where an organization's recordings are kept. */
export const region = z.enum(['ca', 'fr']);
export type Region = z.output<typeof region>;

/** Who may see and change people, settings and the audit log. */
export const managerRoles: readonly MemberRole[] = ['owner', 'admin'];

/**
 * Whether `actor` may make somebody who is `from` into `to` (null: no member yet, or no more). Owners may do anything;
 * admins nothing that concerns an owner.
 */
export function mayChangeRole(actor: MemberRole, from: MemberRole | null, to: MemberRole | null): boolean {
  if (actor === 'owner') return true;
  return actor === 'admin' && from !== 'owner' && to !== 'owner';
}
