import type { PlainKey } from '../i18n/t.ts';
import type { MemberRole, PlanName, Region } from '../protocol.ts';

/** What roles and regions are called; roles are messages, `t(roleNames[role])`. */
export const roleNames: Record<MemberRole, PlainKey> = { owner: 'Owner', admin: 'Admin', member: 'Member' };
export const regionNames: Record<Region, string> = { ca: 'Canada', fr: 'France' };
/** The same in all languages. */
export const planNames: Record<PlanName, string> = {
  free: 'Free',
  pro: 'Pro',
  team: 'Team',
  enterprise: 'Enterprise',
};
