import { PROJECT_RATE_HZ, type Project, type ProjectStem, seconds } from './model.ts';

/** A project for Reaper: one track a stem, an item for each stretch, a region for each gap, a marker for each named place. */
export function reaperProject({ title, startedAt, stems, markers }: Project): string {
  const lines = [
    `<REAPER_PROJECT 0.1 "6.0/CraterSync" ${Math.floor(Date.parse(startedAt) / 1000)}`,
    `  TITLE ${quoted(title)}`,
    `  SAMPLERATE ${PROJECT_RATE_HZ} 1 0`,
    '  TEMPO 120 4 4',
    ...markers.flatMap(({ atUs, endUs, text }, index) =>
      endUs === atUs
        ? [`  MARKER ${index + 1} ${seconds(atUs)} ${quoted(text)} 0`]
        : [
            `  MARKER ${index + 1} ${seconds(atUs)} ${quoted(text)} 1`,
            `  MARKER ${index + 1} ${seconds(endUs)} "" 1`,
          ],
    ),
    ...stems.flatMap(track),
    '>',
  ];
  return `${lines.join('\n')}\n`;
}

function track(stem: ProjectStem): string[] {
  const source = stem.kind === 'audio' ? 'WAVE' : 'VIDEO';
  const items = stem.stretches.flatMap(({ startUs, endUs }) => [
    '    <ITEM',
    `      POSITION ${seconds(startUs)}`,
    `      LENGTH ${seconds(endUs - startUs)}`,
    '      LOOP 0',
    `      NAME ${quoted(stem.name)}`,
    `      SOFFS ${seconds(startUs)}`,
    `      <SOURCE ${source}`,
    `        FILE ${quoted(stem.fileName)}`,
    '      >',
    '    >',
  ]);
  return ['  <TRACK', `    NAME ${quoted(stem.name)}`, '    NCHAN 2', ...items, '  >'];
}

/** Reaper ends a text at the mark that it began with, and knows no escapes: there are three marks to choose from. */
function quoted(text: string): string {
  const line = text.replace(/\p{Cc}/gu, ' ');
  const mark = ['"', "'", '`'].find(each => !line.includes(each));
  return mark === undefined ? `\`${line.replaceAll('`', "'")}\`` : `${mark}${line}${mark}`;
}
