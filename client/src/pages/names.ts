import type { Language, MemberRole, Region } from '../protocol.ts';

/** What roles, regions and languages are called. */
export const roleNames: Record<MemberRole, string> = { owner: 'Owner', admin: 'Admin', member: 'Member' };
export const regionNames: Record<Region, string> = { ca: 'Canada', fr: 'France' };
export const languageNames: Record<Language, string> = { en: 'English', fr: 'Français' };
