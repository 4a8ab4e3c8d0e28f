import { ProgressBar } from 'react-aria-components/ProgressBar';
import { api } from '../api.ts';
import { StemBadge } from '../components/badge.tsx';
import { Button, Problem } from '../components/controls.tsx';
import { clockTime, figure, fileSize, percent } from '../format.ts';
import { useAction } from '../hooks/use-action.ts';
import type { Editing } from '../hooks/use-marking.ts';
import { personName } from '../i18n/person-name.ts';
import { t } from '../i18n/t.ts';
import { told } from '../i18n/told.ts';
import { kindOf, type rest } from '../protocol.ts';
import { sourceNames } from '../studio/names.ts';
import { renderNames } from './names.ts';

export function Bar({ label, fraction }: { label: string; fraction: number }) {
  return (
    <ProgressBar aria-label={label} value={fraction * 100} className="progress">
      {({ percentage = 0 }) => <span className="progress-fill" style={{ inlineSize: `${percentage}%` }} />}
    </ProgressBar>
  );
}

export interface FilesProps {
  recording: rest.SharedRecording['recording'];
  certificate: rest.Certificate | null;
  /** Null: nothing can be had made. */
  editing: Editing | null;
}

/** What can be downloaded of each person, and what can be had made. */
export function Files({ recording, certificate, editing }: FilesProps) {
  const { stems } = recording;
  const settled = stems.every(({ state }) => state === 'ready' || state === 'failed');
  return (
    <section className="stack" aria-labelledby="stems-heading">
      <h2 id="stems-heading">{t('Files')}</h2>
      <p className="muted">
        {t(
          'One for each person and source. All are equally long and start together: put them on tracks at zero.',
        )}
      </p>
      <ul className="list">
        {stems.map(stem => (
          <StemRow
            key={stem.stemId}
            stem={stem}
            quality={certificate?.stems.find(({ name }) => name === stem.name) ?? null}
            renders={recording.renders.filter(({ stemId }) => stemId === stem.stemId)}
            editing={editing}
          />
        ))}
      </ul>
      {settled && editing !== null && <Again stems={stems} editing={editing} />}
    </section>
  );
}

function Again({ stems, editing }: { stems: readonly rest.Stem[]; editing: Editing }) {
  const action = useAction();
  const failed = stems.some(({ state }) => state === 'failed');
  const again = (all: boolean) =>
    void action.run(async () => {
      await api.renderStems(editing.recordingId, all);
      await editing.reload();
    });
  return (
    <>
      <Problem text={action.problem} />
      <div className="row">
        {failed && (
          <Button isDisabled={action.isPending} onPress={() => again(false)}>
            {t('Make the failed files again')}
          </Button>
        )}
        <Button look="quiet" isDisabled={action.isPending} onPress={() => again(true)}>
          {t('Make all files again')}
        </Button>
      </div>
    </>
  );
}

interface StemRowProps {
  stem: rest.Stem;
  quality: rest.Certificate['stems'][number] | null;
  renders: readonly rest.Render[];
  editing: Editing | null;
}

function StemRow({ stem, quality, renders, editing }: StemRowProps) {
  const formats = kindOf(stem.source) === 'audio' ? (['mp3', 'opus'] as const) : (['cfr'] as const);
  return (
    <li className="list-row stem">
      <div className="stem-head">
        <span className="list-title">{stem.name}</span>
        <span className="muted">
          {personName(stem.participantName)} · {t(sourceNames[stem.source])}
          {stem.durationMs !== null && ` · ${clockTime(stem.durationMs)}`}
        </span>
        {quality?.residualMs !== undefined && quality.skewPpm !== undefined && (
          <span className="hint">
            {t('in place to {ms} ms · clock {ppm} ppm off, corrected', {
              ms: figure(quality.residualMs, 1),
              ppm: figure(quality.skewPpm, 1),
            })}
          </span>
        )}
      </div>
      {stem.state !== 'ready' && <StemBadge state={stem.state} />}
      {stem.files.length > 0 && (
        <span className="row stem-files">
          {stem.files.map(file => (
            <a key={file.format} href={file.url} download={file.name} className="button button-plain">
              {file.format === 'm4a' ? 'AAC' : file.format.toUpperCase()}{' '}
              <span className="muted">{fileSize(file.bytes)}</span>
              <span className="visually-hidden"> {file.name}</span>
            </a>
          ))}
          {formats.map(format => (
            <Order
              key={format}
              {...{ format, editing }}
              stem={stem}
              render={renders.find(each => each.format === format) ?? null}
            />
          ))}
        </span>
      )}
      {stem.state === 'rendering' && (
        <Bar label={t('Making {name}', { name: stem.name })} fraction={stem.progress} />
      )}
      {stem.note !== null && <p className="stem-note">{told(stem.note)}</p>}
    </li>
  );
}

interface OrderProps {
  format: rest.Render['format'];
  /** Null: of the whole recording. */
  stem: rest.Stem | null;
  render: rest.Render | null;
  editing: Editing | null;
}

/** One thing that is made when it is asked for: to be ordered, on its way, or there. */
export function Order({ format, stem, render, editing }: OrderProps) {
  const name = t(renderNames[format]);
  return (
    <span className="order">
      {render?.url && render.bytes !== null && (
        <a href={render.url} download className="button button-plain">
          {name} <span className="muted">{fileSize(render.bytes)}</span>
          {stem !== null && <span className="visually-hidden"> {stem.name}</span>}
        </a>
      )}
      {editing !== null && <Ordering {...{ format, stem, render, editing }} />}
      {render?.note != null && <span className="stem-note">{told(render.note)}</span>}
    </span>
  );
}

function Ordering({ format, stem, render, editing }: OrderProps & { editing: Editing }) {
  const { recordingId, reload } = editing;
  const action = useAction();
  const name = t(renderNames[format]);
  // Which one of many, for whoever does not see where it stands.
  const ofStem = stem === null ? name : t('{format} of {stem}', { format: name, stem: stem.name });
  const order = () =>
    void action.run(async () => {
      await api.orderRender(recordingId, { format, ...(stem === null ? {} : { stemId: stem.stemId }) });
      await reload();
    });
  const cancel = (renderId: string) =>
    void action.run(async () => {
      await api.cancelRender(recordingId, renderId);
      await reload();
    });
  const busy = render?.state === 'waiting' || render?.state === 'rendering';
  return (
    <>
      {busy && render !== null ? (
        <span className="row order-busy">
          <span role="status">
            {t('{name}: {state}', {
              name,
              state: render.state === 'waiting' ? t('waiting') : percent(render.progress),
            })}
          </span>
          <Button
            look="quiet"
            aria-label={t('Cancel {name}', { name: ofStem })}
            onPress={() => cancel(render.renderId)}
          >
            {t('Cancel')}
          </Button>
        </span>
      ) : (
        render?.url == null && (
          <Button
            isDisabled={action.isPending}
            aria-label={t('Make {name}', { name: ofStem })}
            onPress={order}
          >
            {t('Make {name}', { name })}
          </Button>
        )
      )}
      {action.problem !== null && <span className="stem-note">{action.problem}</span>}
    </>
  );
}
