import type { PlainKey } from '../i18n/t.ts';
import type { MemberRole, Region, RenderFormat } from '../protocol.ts';

/** What roles and regions are called; roles are messages, `t(roleNames[role])`. */
export const roleNames: Record<MemberRole, PlainKey> = { owner: 'Owner', admin: 'Admin', member: 'Member' };
export const regionNames: Record<Region, string> = { ca: 'Canada', fr: 'France' };

/** What can be ordered to be made; messages, too. */
export const renderNames: Record<RenderFormat, PlainKey> = {
  mp3: 'MP3',
  opus: 'Opus, as sent',
  cfr: 'MP4, 30 fps',
  mix: 'Mix, −16 LUFS',
  'mix-mp3': 'Mix as MP3',
  'mix-m4a': 'Mix as AAC',
  grid: 'Grid video',
};
