import { type FormEvent, useState } from 'react';
import { Form } from 'react-aria-components/Form';
import { Link, useNavigate } from 'react-router';
import { api } from '../api.ts';
import { SessionBadge } from '../components/badge.tsx';
import { Button, Field, Problem } from '../components/controls.tsx';
import { Icon } from '../components/icon.tsx';
import { Await, Page } from '../components/page.tsx';
import { dateTime } from '../format.ts';
import { useAction } from '../hooks/use-action.ts';
import { useLoad } from '../hooks/use-load.ts';
import { t } from '../i18n/t.ts';
import { managerRoles, type rest } from '../protocol.ts';
import { AccountAside } from './account-aside.tsx';
import { useAccount } from './signed-in.tsx';
import { WebhookNotice } from './webhook-notice.tsx';

const firstSessions = () => api.sessions();

export default function DashboardPage() {
  const loaded = useLoad(firstSessions);
  const [isCreating, setCreating] = useState(false);
  const { organization } = useAccount().me;
  const mayManage = organization !== null && managerRoles.includes(organization.role);
  return (
    <Page title={t('Sessions')} aside={<AccountAside />}>
      <div className="stack">
        <div className="row row-between">
          <h1>{t('Sessions')}</h1>
          {!isCreating && (
            <Button look="primary" onPress={() => setCreating(true)}>
              {t('New session')}
            </Button>
          )}
        </div>
        {mayManage && <WebhookNotice />}
        {isCreating && <NewSession onCancel={() => setCreating(false)} />}
        <Await loaded={loaded} what={t('your sessions')}>
          {first =>
            first.sessions.length > 0 ? <SessionList first={first} /> : !isCreating && <NoSessions />
          }
        </Await>
      </div>
    </Page>
  );
}

function NewSession({ onCancel }: { onCancel: () => void }) {
  const [title, setTitle] = useState('');
  const { isPending, problem, run } = useAction();
  const navigate = useNavigate();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void run(async () => {
      const { sessionId } = await api.createSession(title);
      await navigate(`/sessions/${sessionId}`);
    });
  };
  return (
    <Form className="card stack" onSubmit={submit} aria-label={t('New session')}>
      <Field
        label={t('Title')}
        autoFocus
        isRequired
        problems={{ valueMissing: t('Enter a title, such as the topic or the number of the episode.') }}
        maxLength={120}
        value={title}
        onChange={setTitle}
        hint={t('Guests see it before they join.')}
      />
      <Problem text={problem} />
      <div className="row">
        <Button type="submit" look="primary" isPending={isPending}>
          {t('Create')}
        </Button>
        <Button look="quiet" onPress={onCancel}>
          {t('Cancel')}
        </Button>
      </div>
    </Form>
  );
}

function NoSessions() {
  return (
    <div className="empty">
      <Icon name="mic" />
      <h2>{t('No sessions yet')}</h2>
      <p className="muted">
        {t('A session is one conversation, with its own guests and recordings. Create the first one.')}
      </p>
    </div>
  );
}

function SessionList({ first }: { first: rest.SessionList }) {
  const [older, setOlder] = useState<rest.SessionList>({ sessions: [], next: first.next });
  const { isPending, problem, run } = useAction();
  const showOlder = () =>
    run(async () => {
      const page = await api.sessions(older.next);
      setOlder({ sessions: [...older.sessions, ...page.sessions], next: page.next });
    });
  return (
    <>
      <ul className="list">
        {[...first.sessions, ...older.sessions].map(session => (
          <li key={session.sessionId}>
            <Link to={`/sessions/${session.sessionId}`} className="list-link">
              <span className="list-title">{session.title}</span>
              <span className="muted">{dateTime(session.createdAt)}</span>
              <SessionBadge state={session.state} />
            </Link>
          </li>
        ))}
      </ul>
      <Problem text={problem} />
      {older.next !== null && (
        <div className="row">
          <Button isPending={isPending} onPress={() => void showOlder()}>
            {t('Show older sessions')}
          </Button>
        </div>
      )}
    </>
  );
}
