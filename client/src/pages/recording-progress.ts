import { t } from '../i18n/t.ts';
import type { rest } from '../protocol.ts';

const isUnderWay = ({ state }: rest.Render) => state === 'waiting' || state === 'rendering';
const isSettled = (stem: rest.Stem) => stem.state === 'ready' || stem.state === 'failed';

/**
 * How long until the page should look again: soon while something moves, seldom for an incomplete recording
 * (a recorder that comes back may still complete it), hourly once all is said: links to files end.
 */
export function refreshAfterMs(recording: rest.SharedRecording['recording']): number {
  if (recording.state === 'incomplete') return 10_000;
  if (recording.state !== 'complete') return 1_500;
  return recording.stems.every(isSettled) && !recording.renders.some(isUnderWay) ? 3_600_000 : 1_500;
}

/** What is going on, in a sentence; `fraction` (0..1) while files are being made, else null. */
export function describeProgress({ state, stems }: rest.SharedRecording['recording']): {
  text: string;
  fraction: number | null;
} {
  switch (state) {
    case 'starting':
      return { text: t('The recording is about to start.'), fraction: null };
    case 'recording':
      return { text: t('Recording is on. The files are made when it stops.'), fraction: null };
    case 'draining':
    case 'finalizing':
      return { text: t('The last moments are being stored. This takes a few seconds.'), fraction: null };
    case 'incomplete':
      return {
        text: t('This recording did not end as it should have. What was stored is safe.'),
        fraction: null,
      };
    case 'complete':
      return describeStems(stems);
  }
}

function describeStems(stems: readonly rest.Stem[]): { text: string; fraction: number | null } {
  const failed = stems.filter(stem => stem.state === 'failed').length;
  if (stems.length === 0) return { text: t('Nobody was heard or seen in this recording.'), fraction: null };
  if (!stems.every(isSettled)) {
    const done = stems.reduce((sum, stem) => sum + (isSettled(stem) ? 1 : stem.progress), 0);
    return {
      text: t('Making the files. You may leave this page; it goes on.'),
      fraction: done / stems.length,
    };
  }
  if (failed > 0) {
    return {
      text: t('{failed} of {n} files could not be made; the recording itself is safe.', {
        failed,
        n: stems.length,
      }),
      fraction: null,
    };
  }
  return { text: t('All files are ready.'), fraction: null };
}
