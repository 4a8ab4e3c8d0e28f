import { useCallback } from 'react';
import { Link, useParams } from 'react-router';
import { api } from '../api.ts';
import { Markers } from '../components/markers.tsx';
import { Await, Page } from '../components/page.tsx';
import { useLoad } from '../hooks/use-load.ts';
import { type Editing, useMarking } from '../hooks/use-marking.ts';
import { t } from '../i18n/t.ts';
import type { rest } from '../protocol.ts';
import { AccountAside } from './account-aside.tsx';
import { DeleteRecording } from './delete-recording.tsx';
import { keptWords, RecordingKeeping } from './recording-keeping.tsx';
import { refreshAfterMs } from './recording-progress.ts';
import { RecordingView } from './recording-view.tsx';
import { Shares } from './shares.tsx';

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
  const { recordingId, sessionId, sessionTitle, markers, stems, state } = recording;
  const editing = { recordingId, reload };
  return (
    <RecordingView
      recording={recording}
      editing={editing}
      kept={keptWords(recording.keeping)}
      above={<Link to={`/sessions/${sessionId}`}>{sessionTitle}</Link>}
    >
      {state === 'recording' && <LiveMarkers markers={markers} editing={editing} />}
      {stems.length > 0 && <Shares recordingId={recordingId} />}
      <RecordingKeeping recording={recording} reload={reload} />
      <DeleteRecording recording={recording} />
    </RecordingView>
  );
}

function LiveMarkers({ markers, editing }: { markers: readonly rest.Marker[]; editing: Editing }) {
  const marking = useMarking(editing);
  return (
    <section className="card stack" aria-labelledby="markers-heading">
      <h2 id="markers-heading">{t('Markers')}</h2>
      <Markers {...{ markers, editing, marking }} markLabel={t('Mark this moment')} />
    </section>
  );
}
