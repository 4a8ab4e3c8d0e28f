import { useCallback, useEffect, useMemo, useState } from 'react';
import { Link, useParams } from 'react-router';
import '../styles/player.css';
import { api } from '../api.ts';
import { RecordingBadge } from '../components/badge.tsx';
import { Notice } from '../components/controls.tsx';
import { Markers, useMarking } from '../components/markers.tsx';
import { Await, Page } from '../components/page.tsx';
import { StemTimeline } from '../components/stem-timeline.tsx';
import { clockTime, dateTime } from '../format.ts';
import { useLoad } from '../hooks/use-load.ts';
import { t } from '../i18n/t.ts';
import { told } from '../i18n/told.ts';
import type { rest } from '../protocol.ts';
import { AccountAside } from './account-aside.tsx';
import { DeleteRecording } from './delete-recording.tsx';
import { Bar, Files } from './recording-files.tsx';
import { describeProgress, refreshAfterMs } from './recording-progress.ts';
import { Projects, Together } from './recording-projects.tsx';

export default function RecordingPage() {
  const { recordingId = '' } = useParams();
  const load = useCallback(() => api.recording(recordingId), [recordingId]);
  const loaded = useLoad(load, refreshAfterMs);
  const title =
    loaded.status === 'ready'
      ? t('Recording of {name}', { name: loaded.value.sessionTitle })
      : t('Recording');
  return (
    <Page title={title} aside={<AccountAside />}>
      <Await loaded={loaded} what={t('the recording')}>
        {(recording, reload) => <Recording recording={recording} reload={reload} />}
      </Await>
    </Page>
  );
}

function Recording({ recording, reload }: { recording: rest.RecordingDetail; reload: () => Promise<void> }) {
  const certificate = useCertificate(recording);
  const gaps = useMemo(
    () => new Map(certificate?.stems.map(({ name, gaps: list = [] }) => [name, list])),
    [certificate],
  );
  const playable = recording.stems.filter(({ previewUrl }) => previewUrl !== null);
  return (
    <div className="stack stack-wide">
      <div className="row row-between heading">
        <div>
          <p>
            <Link to={`/sessions/${recording.sessionId}`}>{recording.sessionTitle}</Link>
          </p>
          <h1>{t('Recording of {name}', { name: dateTime(recording.startedAt) })}</h1>
          <p className="row muted">
            <RecordingBadge state={recording.state} />
            {recording.durationMs !== null && clockTime(recording.durationMs)}
          </p>
        </div>
        {recording.zipUrl !== null && (
          <a href={recording.zipUrl} download className="button button-primary">
            {t('Download all')}
          </a>
        )}
      </div>
      <Progress recording={recording} />
      {recording.reason !== null && <Notice kind="problem">{told(recording.reason)}</Notice>}
      {playable.length > 0 && recording.durationMs !== null && (
        <StemTimeline
          stems={playable}
          durationS={recording.durationMs / 1000}
          gaps={gaps}
          recordingId={recording.recordingId}
          markers={recording.markers}
          reload={reload}
        />
      )}
      {recording.state === 'recording' && <LiveMarkers recording={recording} reload={reload} />}
      {recording.stems.length > 0 && <Files {...{ recording, certificate, reload }} />}
      <Together recording={recording} reload={reload} />
      <Projects projects={recording.projects} />
      <DeleteRecording recording={recording} />
    </div>
  );
}

function LiveMarkers({
  recording,
  reload,
}: {
  recording: rest.RecordingDetail;
  reload: () => Promise<void>;
}) {
  const { recordingId, markers } = recording;
  const marking = useMarking(recordingId, reload);
  return (
    <section className="card stack" aria-labelledby="markers-heading">
      <h2 id="markers-heading">{t('Markers')}</h2>
      <Markers {...{ recordingId, markers, reload, marking }} markLabel={t('Mark this moment')} />
    </section>
  );
}

/** Loaded anew whenever a stem has become ready. */
function useCertificate({ projects, stems }: rest.RecordingDetail): rest.Certificate | null {
  const [certificate, setCertificate] = useState<rest.Certificate | null>(null);
  const url = projects.find(({ format }) => format === 'sync')?.url;
  const ready = stems.filter(({ files }) => files.length > 0).length;
  useEffect(() => {
    let wanted = true;
    // Without it the page is poorer, and all else works.
    if (ready > 0 && url !== undefined) {
      api.certificate(url).then(
        loaded => wanted && setCertificate(loaded),
        () => undefined,
      );
    }
    return () => {
      wanted = false;
    };
  }, [url, ready]);
  return certificate;
}

function Progress({ recording }: { recording: rest.RecordingDetail }) {
  const { text, fraction } = describeProgress(recording);
  if (fraction === null) return <p role="status">{text}</p>;
  return (
    <div className="card stack">
      <p role="status">{text}</p>
      <Bar label={t('Making the files')} fraction={fraction} />
    </div>
  );
}
