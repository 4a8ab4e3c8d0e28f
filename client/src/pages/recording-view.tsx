import { type ReactNode, useEffect, useMemo, useState } from 'react';
import '../styles/player.css';
import { api } from '../api.ts';
import { RecordingBadge } from '../components/badge.tsx';
import { Notice } from '../components/controls.tsx';
import { StemTimeline } from '../components/stem-timeline.tsx';
import { clockTime, dateTime } from '../format.ts';
import type { Editing } from '../hooks/use-marking.ts';
import { t } from '../i18n/t.ts';
import { told } from '../i18n/told.ts';
import type { rest } from '../protocol.ts';
import { Bar, Files } from './recording-files.tsx';
import { describeProgress } from './recording-progress.ts';
import { Projects, Together } from './recording-projects.tsx';

export interface RecordingViewProps {
  recording: rest.SharedRecording['recording'];
  /** Null for whoever may hear and download it, and change nothing. */
  editing: Editing | null;
  /** What stands above its name. */
  above: ReactNode;
  /** For how long it is kept, for whom that concerns. */
  kept?: string;
  children?: ReactNode;
}

/** A recording to be heard and downloaded, by whoever may see it. */
export function RecordingView({ recording, editing, above, kept, children }: RecordingViewProps) {
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
          <p>{above}</p>
          <h1>{t('Recording of {name}', { name: dateTime(recording.startedAt) })}</h1>
          <p className="row muted">
            <RecordingBadge state={recording.state} />
            {recording.durationMs !== null && clockTime(recording.durationMs)}
            {kept !== undefined && <span>{kept}</span>}
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
          markers={recording.markers}
          editing={editing}
        />
      )}
      {recording.stems.length > 0 && <Files {...{ recording, certificate, editing }} />}
      <Together recording={recording} editing={editing} />
      <Projects projects={recording.projects} />
      {children}
    </div>
  );
}

/** Loaded anew whenever a stem has become ready. */
function useCertificate({ projects, stems }: RecordingViewProps['recording']): rest.Certificate | null {
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

function Progress({ recording }: Pick<RecordingViewProps, 'recording'>) {
  const { text, fraction } = describeProgress(recording);
  if (fraction === null) return <p role="status">{text}</p>;
  return (
    <div className="card stack">
      <p role="status">{text}</p>
      <Bar label={t('Making the files')} fraction={fraction} />
    </div>
  );
}
