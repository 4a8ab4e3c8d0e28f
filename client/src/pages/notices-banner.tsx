import { Link } from 'react-router';
import { api } from '../api.ts';
import { Notice } from '../components/controls.tsx';
import { day } from '../format.ts';
import { useLoad } from '../hooks/use-load.ts';
import { localization } from '../i18n/language.ts';
import { t } from '../i18n/t.ts';

/** Tells owners of what was announced, until they have taken note. */
export function NoticesBanner() {
  const loaded = useLoad(api.notices);
  if (loaded.status !== 'ready') return null;
  return loaded.value.notices
    .filter(({ isPending }) => isPending)
    .map(({ noticeId, texts, effectiveAt }) => (
      <Notice key={noticeId} kind="info">
        <p>
          {t('From {date} on: {title}', {
            date: day(effectiveAt),
            title: texts[localization.get().language].title,
          })}{' '}
          <Link to="/notices">{t('Read it, and take note')}</Link>
        </p>
      </Notice>
    ));
}
