import { useCallback, useState } from 'react';
import { Link } from 'react-router';
import { api } from '../api.ts';
import { SessionBadge } from '../components/badge.tsx';
import { Button, Field, Problem } from '../components/controls.tsx';
import { Icon } from '../components/icon.tsx';
import { Await, Page } from '../components/page.tsx';
import { dateTime, listed } from '../format.ts';
import { useAction } from '../hooks/use-action.ts';
import { useLater } from '../hooks/use-later.ts';
import { useLoad } from '../hooks/use-load.ts';
import { count, t } from '../i18n/t.ts';
import type { rest } from '../protocol.ts';
import { AccountAside } from './account-aside.tsx';
import { KeyBanner, NoticesBanner, WebhooksBanner } from './banners.tsx';
import { SessionForm } from './session-form.tsx';
import { useAccount, useMayManage } from './signed-in.tsx';

const SEARCH_AFTER_MS = 250;

interface Both {
  search: string;
  upcoming: rest.SessionList;
  past: rest.SessionList;
}

async function loadBoth(search: string): Promise<Both> {
  const [upcoming, past] = await Promise.all([
    api.sessions({ when: 'upcoming', search }),
    api.sessions({ when: 'past', search }),
  ]);
  return { search, upcoming, past };
}

export default function DashboardPage() {
  const [search, setSearch] = useState('');
  const wanted = useLater(search.trim(), SEARCH_AFTER_MS);
  const load = useCallback(() => loadBoth(wanted), [wanted]);
  const loaded = useLoad(load, undefined, { keepsShown: true });
  const [isCreating, setCreating] = useState(false);
  const { organization } = useAccount().me;
  const mayManage = useMayManage();
  return (
    <Page title={t('Sessions')} aside={<AccountAside />}>
      <div className="stack stack-wide">
        <div className="stack">
          <div className="row row-between">
            <h1>{t('Sessions')}</h1>
            {!isCreating && (
              <Button look="primary" onPress={() => setCreating(true)}>
                {t('New session')}
              </Button>
            )}
          </div>
          {organization?.role === 'owner' && <NoticesBanner />}
          {mayManage && <WebhooksBanner />}
          {organization?.role === 'owner' && <KeyBanner />}
          {isCreating && <SessionForm onCancel={() => setCreating(false)} />}
          <Field
            label={t('Search')}
            type="search"
            value={search}
            onChange={setSearch}
            maxLength={120}
            hint={t('By title, or by who was there.')}
          />
        </div>
        <Await loaded={loaded} what={t('your sessions')}>
          {both => <Sessions key={both.search} both={both} isCreating={isCreating} />}
        </Await>
      </div>
    </Page>
  );
}

function Sessions({ both, isCreating }: { both: Both; isCreating: boolean }) {
  const { search, upcoming, past } = both;
  if (upcoming.sessions.length + past.sessions.length === 0) {
    if (search !== '') return <p className="empty muted">{t('No session was found.')}</p>;
    return isCreating ? null : <NoSessions />;
  }
  return (
    <>
      {upcoming.sessions.length > 0 && (
        <section className="stack" aria-labelledby="upcoming-heading">
          <h2 id="upcoming-heading">{t('Upcoming')}</h2>
          <SessionList when="upcoming" first={upcoming} search={search} />
        </section>
      )}
      {past.sessions.length > 0 && (
        <section className="stack" aria-labelledby="past-heading">
          <h2 id="past-heading">{t('Past')}</h2>
          <SessionList when="past" first={past} search={search} />
        </section>
      )}
    </>
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

/** What is under way first, then what is planned, the soonest first; what has no time comes last. */
function soonestFirst(a: rest.SessionSummary, b: rest.SessionSummary): number {
  if (a.state !== b.state) return a.state === 'live' ? -1 : 1;
  if (a.startsAt === null || b.startsAt === null)
    return Number(a.startsAt === null) - Number(b.startsAt === null);
  return Date.parse(a.startsAt) - Date.parse(b.startsAt);
}

function SessionList(props: { when: 'upcoming' | 'past'; first: rest.SessionList; search: string }) {
  const { when, first, search } = props;
  const [older, setOlder] = useState<rest.SessionList>({ sessions: [], next: first.next });
  const { isPending, problem, run } = useAction();
  const showOlder = () =>
    run(async () => {
      const page = await api.sessions({ when, search, cursor: older.next });
      setOlder({ sessions: [...older.sessions, ...page.sessions], next: page.next });
    });
  const all = [...first.sessions, ...older.sessions];
  return (
    <>
      <ul className="list">
        {(when === 'upcoming' ? all.toSorted(soonestFirst) : all).map(session => (
          <SessionRow key={session.sessionId} session={session} />
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

const MOST_NAMED = 4;

function SessionRow({ session }: { session: rest.SessionSummary }) {
  const { sessionId, title, state, createdAt, startsAt, people } = session;
  const named = people.slice(0, MOST_NAMED);
  const more = people.length - named.length;
  const others = more > 0 ? [...named, count('one more|{n} more', more)] : named;
  return (
    <li>
      <Link to={`/sessions/${sessionId}`} className="list-link">
        <span className="list-title">
          {title}
          {people.length > 0 && <span className="list-people muted">{listed(others)}</span>}
        </span>
        <span className="muted">{dateTime(startsAt ?? createdAt)}</span>
        <SessionBadge state={state} />
      </Link>
    </li>
  );
}
