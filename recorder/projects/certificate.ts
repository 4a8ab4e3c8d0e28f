import type { StemRow, StemSync } from '../stems/index.ts';

/** What a recording's stems are worth, for whoever has to rely on them: `sync.json`. */
export interface Certificate {
  version: 1;
  recordingId: string;
  title: string;
  /** Wall clock of the first instant, ISO 8601. */
  startedAt: string;
  durationUs: number;
  /** Of every sound; all have the same. */
  samples: number;
  sampleRateHz: 48_000;
  stems: CertifiedStem[];
}

export type CertifiedStem =
  | ({ name: string; person: string; state: 'ready' } & Omit<StemSync, 'durationUs'>)
  /** Nothing came of it: why, in words. */
  | {
      name: string;
      person: string;
      state: 'waiting' | 'rendering' | 'failed';
      source: string;
      note: string | null;
    };

export function certificateOf(
  recording: { title: string; recordingId: string; startedAt: Date; durationUs: number },
  rows: readonly StemRow[],
  syncs: ReadonlyMap<string, StemSync>,
): Certificate {
  const { title, recordingId, startedAt, durationUs } = recording;
  return {
    version: 1,
    recordingId,
    title,
    startedAt: startedAt.toISOString(),
    durationUs,
    samples: Math.round((durationUs * 48_000) / 1e6),
    sampleRateHz: 48_000,
    stems: rows.map(({ stemId, name, participantName: person, state, source, note }): CertifiedStem => {
      const sync = syncs.get(stemId);
      if (sync === undefined) {
        const lacking = state === 'ready' ? 'Its figures were not kept. Have it made again.' : null;
        return { name, person, state: state === 'ready' ? 'failed' : state, source, note: note ?? lacking };
      }
      const { durationUs: _, ...told } = sync;
      return { name, person, state: 'ready', ...told };
    }),
  };
}
