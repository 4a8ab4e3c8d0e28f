import { useCallback } from 'react';
import { ProgressBar } from 'react-aria-components/ProgressBar';
import { Link, useParams } from 'react-router';
import { api } from '../api.ts';
import { RecordingBadge, StemBadge } from '../components/badge.tsx';
import { Notice } from '../components/controls.tsx';
import { Await, Page } from '../components/page.tsx';
import { clockTime, dateTime, fileSize } from '../format.ts';
import { useLoad } from '../hooks/use-load.ts';
import type { rest } from '../protocol.ts';
import { sourceNames } from '../studio/names.ts';
import { AccountAside } from './account-aside.tsx';
import { describeProgress, refreshAfterMs } from './recording-progress.ts';

export default function RecordingPage() {
  const { recordingId = '' } = useParams();
  const load = useCallback(() => api.recording(recordingId), [recordingId]);
  const loaded = useLoad(load, refreshAfterMs);
  const title = loaded.status === 'ready' ? `Recording of ${loaded.value.sessionTitle}` : 'Recording';
  return (
    <Page title={title} aside={<AccountAside />}>
      <Await loaded={loaded} what="the recording">
        {recording => <Recording recording={recording} />}
      </Await>
    </Page>
  );
}

function Recording({ recording }: { recording: rest.RecordingDetail }) {
  return (
    <div className="stack stack-wide">
      <div className="row row-between heading">
        <div>
          <p>
            <Link to={`/sessions/${recording.sessionId}`}>{recording.sessionTitle}</Link>
          </p>
          <h1>Recording of {dateTime(recording.startedAt)}</h1>
          <p className="row muted">
            <RecordingBadge state={recording.state} />
            {recording.durationMs !== null && clockTime(recording.durationMs)}
          </p>
        </div>
        {recording.zipUrl !== null && (
          <a href={recording.zipUrl} download className="button button-primary">
            Download all
          </a>
        )}
      </div>
      <Progress recording={recording} />
      {recording.reason !== null && <Notice kind="problem">{recording.reason}</Notice>}
      {recording.stems.length > 0 && <Stems stems={recording.stems} />}
    </div>
  );
}

function Stems({ stems }: { stems: readonly rest.Stem[] }) {
  return (
    <section className="stack" aria-labelledby="stems-heading">
      <h2 id="stems-heading">Files</h2>
      <p className="muted">
        One for each person and source. All are equally long and start together: put them on tracks at zero.
      </p>
      <ul className="list">
        {stems.map(stem => (
          <StemRow key={stem.stemId} stem={stem} />
        ))}
      </ul>
    </section>
  );
}

function Progress({ recording }: { recording: rest.RecordingDetail }) {
  const { text, fraction } = describeProgress(recording);
  if (fraction === null) return <p role="status">{text}</p>;
  return (
    <div className="card stack">
      <p role="status">{text}</p>
      <Bar label="Making the files" fraction={fraction} />
    </div>
  );
}

function Bar({ label, fraction }: { label: string; fraction: number }) {
  return (
    <ProgressBar aria-label={label} value={fraction * 100} className="progress">
      {({ percentage = 0 }) => <span className="progress-fill" style={{ inlineSize: `${percentage}%` }} />}
    </ProgressBar>
  );
}

function StemRow({ stem }: { stem: rest.Stem }) {
  return (
    <li className="list-row stem">
      <div className="stem-head">
        <span className="list-title">{stem.name}</span>
        <span className="muted">
          {stem.participantName} · {sourceNames[stem.source]}
          {stem.durationMs !== null && ` · ${clockTime(stem.durationMs)}`}
        </span>
      </div>
      {stem.state === 'ready' ? (
        <span className="row">
          {stem.files.map(file => (
            <a key={file.format} href={file.url} download={file.name} className="button button-plain">
              {file.format.toUpperCase()} <span className="muted">{fileSize(file.bytes)}</span>
              <span className="visually-hidden"> {file.name}</span>
            </a>
          ))}
        </span>
      ) : (
        <StemBadge state={stem.state} />
      )}
      {stem.state === 'rendering' && <Bar label={`Making ${stem.name}`} fraction={stem.progress} />}
      {stem.note !== null && <p className="stem-note">{stem.note}</p>}
    </li>
  );
}
