import type { MemberRole, Region } from '../protocol.ts';

/** What roles and regions are called. */
export const roleNames: Record<MemberRole, string> = { owner: 'Owner', admin: 'Admin', member: 'Member' };
export const regionNames: Record<Region, string> = { ca: 'Canada', fr: 'France' };
