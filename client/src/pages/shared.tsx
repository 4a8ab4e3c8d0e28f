import { useMemo } from 'react';
import { useLocation } from 'react-router';
import { api } from '../api.ts';
import { Await, Page } from '../components/page.tsx';
import { dateTime } from '../format.ts';
import { useLoad } from '../hooks/use-load.ts';
import { t } from '../i18n/t.ts';
import type { rest } from '../protocol.ts';
import { refreshAfterMs } from './recording-progress.ts';
import { RecordingView } from './recording-view.tsx';

/** Where a link to a recording leads: for people without an account. */
export default function SharedPage() {
  const { hash } = useLocation();
  // Another link in the same tab changes what is behind the # only: it is another recording all the same.
  return <Shared key={hash} token={hash.slice(1)} />;
}

function Shared({ token }: { token: string }) {
  const loaded = useLoad(useOpening(token), ({ recording }) => refreshAfterMs(recording));
  const title =
    loaded.status === 'ready'
      ? t('Recording of {name}', { name: loaded.value.recording.sessionTitle })
      : t('Recording');
  return (
    <Page title={title}>
      <Await loaded={loaded} what={t('the shared recording')} isForGuests>
        {shared => <SharedRecording {...shared} />}
      </Await>
    </Page>
  );
}

/** Opens it once: what is asked afterwards is the same page, that looks again. */
const useOpening = (token: string) =>
  useMemo(() => {
    let again = false;
    return async () => {
      const shared = await api.openShare({ token, again });
      again = true;
      return shared;
    };
  }, [token]);

function SharedRecording({ organizationName, expiresAt, recording }: rest.SharedRecording) {
  return (
    <RecordingView
      recording={recording}
      editing={null}
      above={
        <>
          {recording.sessionTitle}{' '}
          <span className="muted">· {t('Shared by {organization}', { organization: organizationName })}</span>
        </>
      }
    >
      <p className="hint">{t('This link works until {date}.', { date: dateTime(expiresAt) })}</p>
    </RecordingView>
  );
}
