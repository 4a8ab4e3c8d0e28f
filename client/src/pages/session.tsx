import { useCallback, useState } from 'react';
import { Link, useParams } from 'react-router';
import { api } from '../api.ts';
import { RecordingBadge, SessionBadge } from '../components/badge.tsx';
import { Button } from '../components/controls.tsx';
import { Await, Page } from '../components/page.tsx';
import { clockTime, dateTime, duration, listed } from '../format.ts';
import { useLoad } from '../hooks/use-load.ts';
import { personName } from '../i18n/person-name.ts';
import { t } from '../i18n/t.ts';
import type { rest } from '../protocol.ts';
import { AccountAside } from './account-aside.tsx';
import { HoldControl } from './hold.tsx';
import { Invitations } from './invitations.tsx';
import { SessionForm } from './session-form.tsx';
import { useMayManage } from './signed-in.tsx';

const REFRESH_MS = 5_000;
const refresh = () => REFRESH_MS;

export default function SessionPage() {
  const { sessionId = '' } = useParams();
  const load = useCallback(() => api.session(sessionId), [sessionId]);
  const loaded = useLoad(load, refresh);
  const title = loaded.status === 'ready' ? loaded.value.title : t('Session');
  return (
    <Page title={title} aside={<AccountAside />}>
      <Await loaded={loaded} what={t('the session')}>
        {(session, reload) => <Session session={session} reload={reload} />}
      </Await>
    </Page>
  );
}

function Session({ session, reload }: { session: rest.SessionDetail; reload: () => Promise<void> }) {
  const [isChanging, setChanging] = useState(false);
  const { startsAt, people } = session;
  const mayManage = useMayManage();
  return (
    <div className="stack stack-wide">
      <div className="row row-between heading">
        <div>
          <h1>{session.title}</h1>
          <p className="row muted">
            <SessionBadge state={session.state} />
            <span>
              {startsAt === null
                ? t('Created {date}', { date: dateTime(session.createdAt) })
                : t('Planned for {date}', { date: dateTime(startsAt) })}
            </span>
          </p>
          <p className="muted">{keptWords(session.kept)}</p>
          {people.length > 0 && (
            <p className="muted">{t('Were there: {people}', { people: listed(people.map(personName)) })}</p>
          )}
        </div>
        <div className="row">
          {!isChanging && <Button onPress={() => setChanging(true)}>{t('Settings')}</Button>}
          <Link to={`/sessions/${session.sessionId}/studio?as=producer`} className="button button-plain">
            {t('Watch as producer')}
          </Link>
          <Link to={`/sessions/${session.sessionId}/studio`} className="button button-primary">
            {t('Enter the studio')}
          </Link>
        </div>
      </div>
      {isChanging && (
        <SessionForm
          session={session}
          onCancel={() => setChanging(false)}
          onSaved={async () => {
            await reload();
            setChanging(false);
          }}
        />
      )}
      <Invitations session={session} reload={reload} />
      {mayManage && (
        <section className="card stack" aria-labelledby="hold-heading">
          <h2 id="hold-heading">{t('Legal hold')}</h2>
          <p className="muted">
            {t('Keeps every recording of this session, whatever its time, for as long as the hold lasts.')}
          </p>
          <HoldControl path={`/sessions/${session.sessionId}`} hold={session.hold} onChanged={reload} />
        </section>
      )}
      <section className="stack" aria-labelledby="recordings-heading">
        <h2 id="recordings-heading">{t('Recordings')}</h2>
        <Recordings recordings={session.recordings} />
      </section>
    </div>
  );
}

/** How long what is recorded here is kept. */
function keptWords({ days, isByPlan, isHeld }: rest.Kept): string {
  if (isHeld) return t('Recordings are held: nobody can delete them.');
  if (days === null) return t('Recordings are kept for ever.');
  const time = duration(days, 'day');
  return isByPlan
    ? t('Recordings are kept for {time}, as the plan allows no longer.', { time })
    : t('Recordings are kept for {time}.', { time });
}

function Recordings({ recordings }: { recordings: rest.SessionDetail['recordings'] }) {
  if (recordings.length === 0) {
    return <p className="empty muted">{t('Nothing recorded yet. Enter the studio to start a recording.')}</p>;
  }
  return (
    <ul className="list">
      {recordings.map(recording => (
        <li key={recording.recordingId}>
          <Link to={`/recordings/${recording.recordingId}`} className="list-link">
            <span className="list-title">{dateTime(recording.startedAt)}</span>
            <span className="muted">
              {recording.durationMs === null ? '' : clockTime(recording.durationMs)}
            </span>
            <RecordingBadge state={recording.state} />
          </Link>
        </li>
      ))}
    </ul>
  );
}
