import { Link } from 'react-router';
import { api } from '../api.ts';
import { Notice } from '../components/controls.tsx';
import { day } from '../format.ts';
import { useLoad } from '../hooks/use-load.ts';
import { localization } from '../i18n/language.ts';
import { t } from '../i18n/t.ts';

interface BannerProps {
  kind: 'problem' | 'info';
  text: string;
  /** Where there is more of it, and what leads there. */
  to: string;
  link: string;
}

/** What people should know of wherever they come in, and the way to what they can do. */
const Banner = ({ kind, text, to, link }: BannerProps) => (
  <Notice kind={kind}>
    <p>
      {text} <Link to={to}>{link}</Link>
    </p>
  </Notice>
);

/** Tells owners of what was announced, until they have taken note. */
export function NoticesBanner() {
  const loaded = useLoad(api.notices);
  if (loaded.status !== 'ready') return null;
  const { language } = localization.get();
  return loaded.value.notices
    .filter(({ isPending }) => isPending)
    .map(({ noticeId, texts, effectiveAt }) => (
      <Banner
        key={noticeId}
        kind="info"
        text={t('From {date} on: {title}', { date: day(effectiveAt), title: texts[language].title })}
        to="/notices"
        link={t('Read it, and take note')}
      />
    ));
}

/** Tells owners that the key they have brought lets us no more. */
export function KeyBanner() {
  const loaded = useLoad(api.keys);
  if (loaded.status !== 'ready' || loaded.value.trouble === null) return null;
  return (
    <Banner
      kind="problem"
      text={t('This organization’s own key refuses: what is locked by it does not open.')}
      to="/organization/keys"
      link={t('See why')}
    />
  );
}

/** Tells owners and admins of webhooks that were switched off because nothing arrived there any more. */
export function WebhooksBanner() {
  const loaded = useLoad(api.webhooks);
  if (loaded.status !== 'ready') return null;
  return loaded.value.webhooks
    .filter(({ disabledAt, failingSince }) => disabledAt !== null && failingSince !== null)
    .map(({ webhookId, url }) => (
      <Banner
        key={webhookId}
        kind="problem"
        text={t('The webhook to {host} was switched off: nothing arrived there any more.', {
          host: new URL(url).host,
        })}
        to={`/organization/webhooks/${webhookId}`}
        link={t('See why, and switch it on')}
      />
    ));
}
