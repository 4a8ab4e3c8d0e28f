import { ProgressBar } from 'react-aria-components/ProgressBar';
import { api } from '../api.ts';
import { StemBadge } from '../components/badge.tsx';
import { Button, Problem } from '../components/controls.tsx';
import { clockTime, fileSize } from '../format.ts';
import { useAction } from '../hooks/use-action.ts';
import { kindOf, type rest } from '../protocol.ts';
import { sourceNames } from '../studio/names.ts';

export function Bar({ label, fraction }: { label: string; fraction: number }) {
  return (
    <ProgressBar aria-label={label} value={fraction * 100} className="progress">
      {({ percentage = 0 }) => <span className="progress-fill" style={{ inlineSize: `${percentage}%` }} />}
    </ProgressBar>
  );
}

export interface FilesProps {
  recording: rest.RecordingDetail;
  certificate: rest.Certificate | null;
  reload: () => Promise<void>;
}

/** What can be downloaded of each person, and what can be had made. */
export function Files({ recording, certificate, reload }: FilesProps) {
  const { stems, recordingId } = recording;
  const action = useAction();
  const failed = stems.some(({ state }) => state === 'failed');
  const settled = stems.every(({ state }) => state === 'ready' || state === 'failed');
  const again = (all: boolean) =>
    void action.run(async () => {
      await api.renderStems(recordingId, all);
      await reload();
    });
  return (
    <section className="stack" aria-labelledby="stems-heading">
      <h2 id="stems-heading">Files</h2>
      <p className="muted">
        One for each person and source. All are equally long and start together: put them on tracks at zero.
      </p>
      <ul className="list">
        {stems.map(stem => (
          <StemRow
            key={stem.stemId}
            stem={stem}
            quality={certificate?.stems.find(({ name }) => name === stem.name) ?? null}
            renders={recording.renders.filter(({ stemId }) => stemId === stem.stemId)}
            {...{ recordingId, reload }}
          />
        ))}
      </ul>
      <Problem text={action.problem} />
      {settled && (
        <div className="row">
          {failed && (
            <Button isDisabled={action.isPending} onPress={() => again(false)}>
              Make the failed files again
            </Button>
          )}
          <Button look="quiet" isDisabled={action.isPending} onPress={() => again(true)}>
            Make all files again
          </Button>
        </div>
      )}
    </section>
  );
}

interface StemRowProps {
  stem: rest.Stem;
  quality: rest.Certificate['stems'][number] | null;
  renders: readonly rest.Render[];
  recordingId: string;
  reload: () => Promise<void>;
}

function StemRow({ stem, quality, renders, recordingId, reload }: StemRowProps) {
  const formats = kindOf(stem.source) === 'audio' ? (['mp3', 'opus'] as const) : (['cfr'] as const);
  return (
    <li className="list-row stem">
      <div className="stem-head">
        <span className="list-title">{stem.name}</span>
        <span className="muted">
          {stem.participantName} · {sourceNames[stem.source]}
          {stem.durationMs !== null && ` · ${clockTime(stem.durationMs)}`}
        </span>
        {quality?.residualMs !== undefined && quality.skewPpm !== undefined && (
          <span className="hint">
            in place to {quality.residualMs.toFixed(1)} ms · clock {quality.skewPpm.toFixed(1)} ppm off,
            corrected
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
              {...{ format, recordingId, reload }}
              stem={stem}
              render={renders.find(each => each.format === format) ?? null}
            />
          ))}
        </span>
      )}
      {stem.state === 'rendering' && <Bar label={`Making ${stem.name}`} fraction={stem.progress} />}
      {stem.note !== null && <p className="stem-note">{stem.note}</p>}
    </li>
  );
}

export const renderNames: Record<rest.Render['format'], string> = {
  mp3: 'MP3',
  opus: 'Opus, as sent',
  cfr: 'MP4, 30 fps',
  mix: 'Mix, −16 LUFS',
  'mix-mp3': 'Mix as MP3',
  'mix-m4a': 'Mix as AAC',
  grid: 'Grid video',
};

interface OrderProps {
  format: rest.Render['format'];
  /** Null: of the whole recording. */
  stem: rest.Stem | null;
  render: rest.Render | null;
  recordingId: string;
  reload: () => Promise<void>;
}

/** One thing that is made when it is asked for: to be ordered, on its way, or there. */
export function Order({ format, stem, render, recordingId, reload }: OrderProps) {
  const action = useAction();
  const name = renderNames[format];
  const of = stem === null ? '' : ` of ${stem.name}`;
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
    <span className="order">
      {render?.url && render.bytes !== null && (
        <a href={render.url} download className="button button-plain">
          {name} <span className="muted">{fileSize(render.bytes)}</span>
          <span className="visually-hidden">{of}</span>
        </a>
      )}
      {busy && render !== null ? (
        <span className="row order-busy">
          <span role="status">
            {name}: {render.state === 'waiting' ? 'waiting' : `${Math.round(render.progress * 100)} %`}
          </span>
          <Button look="quiet" aria-label={`Cancel ${name}${of}`} onPress={() => cancel(render.renderId)}>
            Cancel
          </Button>
        </span>
      ) : (
        render?.url == null && (
          <Button isDisabled={action.isPending} aria-label={`Make ${name}${of}`} onPress={order}>
            Make {name}
          </Button>
        )
      )}
      {render?.note != null && <span className="stem-note">{render.note}</span>}
      {action.problem !== null && <span className="stem-note">{action.problem}</span>}
    </span>
  );
}
