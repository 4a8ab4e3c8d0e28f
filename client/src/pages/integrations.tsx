import { Link } from 'react-router';
import { Notice } from '../components/controls.tsx';
import { Page } from '../components/page.tsx';
import { t } from '../i18n/t.ts';
import { AccountAside } from './account-aside.tsx';
import { Tokens } from './integrations-tokens.tsx';
import { Webhooks } from './integrations-webhooks.tsx';
import { useMayManage } from './signed-in.tsx';

/** How programs work with the organization: by tokens they ask, by webhooks they are told. */
export default function IntegrationsPage() {
  const mayManage = useMayManage();
  return (
    <Page title="API" aside={<AccountAside />}>
      <div className="stack stack-wide">
        <div className="row row-between heading">
          <div>
            <h1>API</h1>
            <p className="muted">
              {t('What programs may do here, and what they are told.')}{' '}
              <a href="/api">{t('All routes and errors')}</a>
            </p>
          </div>
          <Link to="/organization" className="button button-plain">
            {t('Members')}
          </Link>
        </div>
        {mayManage ? (
          <>
            <Tokens />
            <Webhooks />
          </>
        ) : (
          <Notice kind="info">
            {t('Only owners and admins make tokens and webhooks. Ask one of them.')}
          </Notice>
        )}
      </div>
    </Page>
  );
}
