import type { Editing } from '../hooks/use-marking.ts';
import { type PlainKey, rich, t } from '../i18n/t.ts';
import { kindOf, type rest } from '../protocol.ts';
import { Order } from './recording-files.tsx';

type Format = rest.RecordingDetail['projects'][number]['format'];

const editors: Partial<Record<Format, PlainKey>> = {
  rpp: 'Reaper',
  lof: 'Audacity, list of files',
  labels: 'Audacity, labels',
  dawproject: 'DAWproject (Bitwig, Studio One, Cubase)',
  fcp7: 'Final Cut 7 XML (Premiere, Resolve)',
  otio: 'OpenTimelineIO',
};

/** What is made of all stems together, and what opens them in an editor. */
export function Together({
  recording,
  editing,
}: {
  recording: rest.SharedRecording['recording'];
  editing: Editing | null;
}) {
  const { stems, renders } = recording;
  const has = (kind: 'audio' | 'video') =>
    stems.some(stem => kindOf(stem.source) === kind && stem.files.length > 0);
  const formats = [
    ...(has('audio') ? (['mix', 'mix-mp3', 'mix-m4a'] as const) : []),
    ...(has('video') ? (['grid'] as const) : []),
  ].filter(format => editing !== null || renders.some(each => each.format === format));
  if (formats.length === 0) return null;
  return (
    <section className="stack" aria-labelledby="together-heading">
      <h2 id="together-heading">{t('All together')}</h2>
      <div className="row">
        {formats.map(format => (
          <Order
            key={format}
            {...{ format, editing }}
            stem={null}
            render={renders.find(each => each.format === format) ?? null}
          />
        ))}
      </div>
    </section>
  );
}

export function Projects({ projects }: { projects: rest.RecordingDetail['projects'] }) {
  if (projects.length === 0) return null;
  const url = (wanted: Format) => projects.find(({ format }) => format === wanted)?.url;
  return (
    <section className="stack" aria-labelledby="projects-heading">
      <h2 id="projects-heading">{t('For your editor')}</h2>
      <p className="muted">
        {t(
          'All of these are in the zip of “Download all”, beside the stems they name. One by one, put them into the same folder as the stems.',
        )}
      </p>
      <div className="row">
        {projects.map(({ format, url: href }) => {
          const editor = editors[format];
          return editor === undefined ? null : (
            <a key={format} href={href} download className="button button-plain">
              {t(editor)}
            </a>
          );
        })}
      </div>
      <p>
        {rich('How well the stems line up, and what is missing from them: {page}, {data}.', {
          page: <a href={url('report')}>{t('as a page')}</a>,
          data: <a href={url('sync')}>{t('as data')}</a>,
        })}
      </p>
    </section>
  );
}
