import type { ExportContent } from '@cratersync/signaling/protocol';

const recordings: Record<ExportContent | 'own', string> = {
  stems: `recordings/  A folder for each recording: every person's sound as FLAC (or WAV), their pictures as they were sent,
             all beginning at the same instant; *.sync.json says how sure that is.`,
  recordings: `recordings/  Each recording as it was stored, encrypted. manifest.json has the keys: whoever has this folder can
             open them. "cratersync export open" has checked every chunk against its recording's manifest.`,
  own: `recordings/  A folder for each recording in which you were heard or seen: your own sound and pictures.`,
};

/** What lies in the file, for whoever opens it years later. */
export const readme = (what: ExportContent | 'own'): string => `This is an export of CraterSync.

${
  what === 'own'
    ? 'account.json   Your account, memberships, devices and sign-ins.\naudit/         What you did, an entry a line (JSON).'
    : 'organization.json  The organization and its members.\naudit/       The audit log, an entry a line (JSON), the oldest first. Each holds the hash of the one before.'
}
sessions/    A file for each session: who took part, its recordings, their markers.
${recordings[what]}
manifest.json  What is in here, with the size and the SHA-256 of every file, and what could not be taken along.
`;
