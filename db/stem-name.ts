import type { Source } from '@cratersync/signaling/protocol';

const MAX_NAME_CHARACTERS = 40;

/**
 * `01-alice-mic`: safe on every file system, and sorted by person in every editor's file list. Letters outside
 * ASCII lose their accents where Unicode can tell, and are left out where it can't.
 */
export function stemName(number: number, displayName: string, source: Source): string {
  const plain = displayName
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{M}/gu, '')
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, MAX_NAME_CHARACTERS)
    .replace(/^-+|-+$/g, '');
  return `${String(number).padStart(2, '0')}-${plain === '' ? 'guest' : plain}-${source}`;
}
