import { type Project, seconds } from './model.ts';

/** A list of files for Audacity (`File > Import`): each on a track of its own, all from zero on. Sound only. */
export function audacityList({ stems, durationUs }: Project): string {
  const files = stems
    .filter(({ kind }) => kind === 'audio')
    .map(({ fileName }) => `file "${fileName}" offset 0`);
  return `${[`window offset 0 duration ${seconds(durationUs)}`, ...files].join('\n')}\n`;
}

/** A label track for Audacity: start, end and text, with tabs between them. */
export const audacityLabels = ({ markers }: Project): string =>
  markers
    .map(({ atUs, endUs, text }) => `${seconds(atUs)}\t${seconds(endUs)}\t${text.replace(/\p{Cc}/gu, ' ')}\n`)
    .join('');
