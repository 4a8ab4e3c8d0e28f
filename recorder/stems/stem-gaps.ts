import type { Gap, ManifestTrack } from '../format/index.ts';
import type { SurveyedStem } from './survey.ts';

/** Where a stem holds nothing, and why. Times are µs of session time. */
export interface StemGap {
  startUs: number;
  endUs: number;
  cause: Gap['cause'] | 'damaged';
  /** What is wrong with what is stored, for `damaged`. */
  reason?: string;
}

/**
 * The gaps of one person and source. It is one stem over several tracks (somebody reconnected), so only what is missing
 * in all of them is missing; what cannot be read any more is missing too.
 */
export function gapsOf(
  tracks: readonly ManifestTrack[],
  damaged: SurveyedStem['damaged'],
  durationUs: number,
): StemGap[] {
  const gaps = tracks.map(track => track.gaps);
  const edges = new Set([0, durationUs, ...gaps.flat().flatMap(({ startUs, endUs }) => [startUs, endUs])]);
  const cuts = [...edges].filter(us => us >= 0 && us <= durationUs).sort((a, b) => a - b);
  const found: StemGap[] = damaged.map(({ startUs, endUs, reason }) => ({
    startUs,
    endUs,
    cause: 'damaged',
    reason,
  }));
  for (const [index, startUs] of cuts.entries()) {
    const endUs = cuts[index + 1];
    if (endUs === undefined) break;
    const covering = gaps.map(list => list.filter(gap => gap.startUs <= startUs && gap.endUs >= endUs));
    if (covering.length === 0 || covering.some(list => list.length === 0)) continue;
    const cause = mostTelling(covering.flat());
    const last = found.at(-1);
    if (last?.cause === cause && last.endUs === startUs) last.endUs = endUs;
    else found.push({ startUs, endUs, cause });
  }
  return found.sort((a, b) => a.startUs - b.startUs || a.endUs - b.endUs);
}

/** While one track is late the other has left: why nothing is there is what says more. */
function mostTelling(gaps: readonly Gap[]): Gap['cause'] {
  const causes = gaps.map(({ cause }) => cause);
  const telling = causes.find(cause => cause !== 'late' && cause !== 'left');
  return telling ?? (causes.includes('left') ? 'left' : 'late');
}
