import { clockText, type StemGap } from '../stems/index.ts';
import type { Certificate, CertifiedStem } from './certificate.ts';
import { causeNames } from './model.ts';
import { escaped } from './xml.ts';

/** The certificate as a page that stands alone: readable in any browser, and on paper. */
export function certificatePage(certificate: Certificate): string {
  const { title, startedAt, durationUs, samples, recordingId, stems } = certificate;
  const ready = stems.filter(stem => stem.state === 'ready');
  const worst = Math.max(0, ...ready.map(({ residualMs }) => residualMs));
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(`How the stems of ${title} line up`)}</title>
<style>${STYLE}</style>
<h1>${escaped(title)}</h1>
<p>Recorded on ${escaped(startedAt.slice(0, 10))} at ${escaped(startedAt.slice(11, 19))} UTC, ${clockText(durationUs)} long.
Every sound has ${samples} samples at 48 kHz, and every file begins at the same instant.
Nothing was laid further than ${worst.toFixed(2)} ms from where it was measured to be (95 % of all measurements).</p>
<h2>Stems</h2>
<div class="wide"><table>
<thead><tr><th>Stem<th>Codec<th>Residual error<th>Clock skew<th>Packets received<th>lost<th>rebuilt<th>Missing</thead>
<tbody>
${stems.map(row).join('\n')}
</tbody></table></div>
<h2>What is missing</h2>
${ready.map(gapsOf).join('\n')}
<footer>CraterSync recording ${escaped(recordingId)}. The same figures, for programs: sync.json.</footer>
</html>
`;
}

const STYLE = `
:root{color-scheme:light dark}
body{font:16px/1.5 system-ui,sans-serif;max-width:64rem;margin:0 auto;padding:2rem 1rem}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{padding:.4rem .8rem;text-align:right;border-bottom:1px solid #8886}
th:first-child,td:first-child,th:nth-child(2),td:nth-child(2){text-align:left}
footer{margin-top:3rem;color:#777}
@media print{body{padding:0}}
`;

function row(stem: CertifiedStem): string {
  const who = `<td>${escaped(stem.name)}`;
  if (stem.state !== 'ready') return `<tr>${who}<td colspan="7">${escaped(stem.note ?? 'not ready')}`;
  const { codec, residualMs, skewPpm, packets, gaps, basis } = stem;
  const missingUs = gaps.reduce((sum, { startUs, endUs }) => sum + endUs - startUs, 0);
  const measured = basis === 'arrival' ? ' (by arrival)' : '';
  return [
    `<tr>${who}`,
    escaped(codec),
    `${residualMs.toFixed(2)} ms${measured}`,
    `${skewPpm.toFixed(1)} ppm`,
    packets.received,
    packets.lost,
    packets.rebuilt,
    clockText(missingUs),
  ].join('<td>');
}

function gapsOf(stem: CertifiedStem & { state: 'ready' }): string {
  const list = stem.gaps.map(gap => `<li>${lineOf(gap)}`);
  const notes = stem.notes.map(note => `<p>${escaped(note)}</p>`).join('');
  const body = list.length === 0 ? '<p>Nothing is missing.</p>' : `<ul>${list.join('\n')}</ul>`;
  return `<h3>${escaped(stem.name)}</h3>${notes}${body}`;
}

function lineOf({ startUs, endUs, cause, reason }: StemGap): string {
  const why = reason === undefined ? causeNames[cause] : `${causeNames[cause]} (${reason})`;
  return `${clockText(startUs)} to ${clockText(endUs)}, ${((endUs - startUs) / 1e6).toFixed(2)} s: ${escaped(why)}`;
}
