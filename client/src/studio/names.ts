import { type PlainKey, t } from '../i18n/t.ts';
import type { ParticipantView, SessionRole, Source } from '../protocol.ts';

/** Messages: `t(sourceNames[source])`. */
export const sourceNames: Record<Source, PlainKey> = {
  mic: 'microphone',
  camera: 'camera',
  screen: 'screen',
  'screen-audio': 'sound of the screen',
};

export const sourceName = (source: Source): string => t(sourceNames[source]);

export const sessionRoleNames: Record<SessionRole, PlainKey> = {
  host: 'Host',
  'co-host': 'Co-host',
  guest: 'Guest',
  producer: 'Producer',
};

/** What is going on with somebody who is not simply there. */
export const presence = (participant: ParticipantView): string | null => {
  switch (participant.state) {
    case 'joining':
      return t('joining…');
    case 'reconnecting':
      return t('reconnecting…');
    case 'joined':
    case 'left':
      return null;
  }
};

/** Letters that stand for a person without a picture: of the first and the last word of the name. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  const letters = words.length > 1 ? [words[0], words.at(-1)] : [words[0]];
  return letters
    .map(word => [...(word ?? '')][0] ?? '')
    .join('')
    .toUpperCase();
}

/** Columns of a grid that shows `count` tiles as large as they go. */
export function columnsFor(count: number): number {
  if (count <= 1) return 1;
  if (count <= 4) return 2;
  return count <= 9 ? 3 : 4;
}
