import { api } from '../api.ts';
import { Badge } from '../components/badge.tsx';
import { Button, Problem } from '../components/controls.tsx';
import { Await } from '../components/page.tsx';
import { dateTime, day } from '../format.ts';
import { useAction } from '../hooks/use-action.ts';
import { useLoad } from '../hooks/use-load.ts';
import { localization } from '../i18n/language.ts';
import { personName } from '../i18n/person-name.ts';
import { type PlainKey, t } from '../i18n/t.ts';
import type { NoticeKind, rest } from '../protocol.ts';
import { ExplainedPage } from './explained-page.tsx';

const kindNames: Record<NoticeKind, PlainKey> = {
  privacy: 'Privacy policy',
  terms: 'Terms',
  'sub-processors': 'Who works for us',
};

/** What was announced to the organization, and who of its owners has taken note. */
export default function NoticesPage() {
  const loaded = useLoad(api.notices);
  return (
    <ExplainedPage
      title={t('Notices')}
      about={t(
        'What changes in the terms, in the privacy policy, or in who works for us: told at least 30 days before.',
      )}
    >
      <Await loaded={loaded} what={t('the notices')}>
        {({ notices }, reload) =>
          notices.length === 0 ? (
            <p className="empty muted">{t('Nothing was announced yet.')}</p>
          ) : (
            notices.map(notice => <Announcement key={notice.noticeId} notice={notice} reload={reload} />)
          )
        }
      </Await>
    </ExplainedPage>
  );
}

function Announcement({ notice, reload }: { notice: rest.Announcement; reload: () => Promise<void> }) {
  const { noticeId, kind, version, acknowledgements, isPending: isOpen } = notice;
  const { title, text } = notice.texts[localization.get().language];
  const { isPending, problem, run } = useAction();
  const acknowledge = () =>
    run(async () => {
      await api.acknowledgeNotice(noticeId);
      await reload();
    });
  return (
    <section className="card stack" aria-labelledby={`notice-${noticeId}`}>
      <div>
        <h2 id={`notice-${noticeId}`}>{title}</h2>
        <p className="row muted">
          <State notice={notice} />
          <span>
            {t(kindNames[kind])} · {t('Version {version}', { version })} ·{' '}
            {t('announced {date}', { date: day(notice.announcedAt) })}
          </span>
        </p>
      </div>
      {text.split(/\n\s*\n/).map(paragraph => (
        <p key={paragraph}>{paragraph}</p>
      ))}
      {acknowledgements.length > 0 && (
        <ul className="list">
          {acknowledgements.map(({ by, at }) => (
            <li key={`${by} ${at}`} className="list-row muted">
              {t('{name} took note on {date}', { name: personName(by), date: dateTime(at) })}
            </li>
          ))}
        </ul>
      )}
      <Problem text={problem} />
      {isOpen && (
        <div className="row">
          <Button
            look="primary"
            isPending={isPending}
            aria-label={t('I have taken note: {title}', { title })}
            onPress={() => void acknowledge()}
          >
            {t('I have taken note')}
          </Button>
        </div>
      )}
    </section>
  );
}

function State({ notice: { state, effectiveAt } }: { notice: rest.Announcement }) {
  const date = day(effectiveAt);
  switch (state) {
    case 'announced':
      return <Badge tone="busy" text={t('Holds from {date}', { date })} />;
    case 'in-force':
      return <Badge tone="good" text={t('In force since {date}', { date })} />;
    case 'past':
      return <Badge tone="calm" text={t('No longer in force')} />;
  }
}
