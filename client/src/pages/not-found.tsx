import { Link } from 'react-router';
import { Page } from '../components/page.tsx';
import { t } from '../i18n/t.ts';

export function NotFoundPage() {
  return (
    <Page title={t('Not found')} isNarrow>
      <div className="card stack">
        <h1>{t('There is nothing here')}</h1>
        <p>{t('The address may be incomplete. If somebody sent you a link, ask them to send it again.')}</p>
        <div>
          <Link to="/" className="button button-primary">
            {t('Go to your sessions')}
          </Link>
        </div>
      </div>
    </Page>
  );
}
