import { Link } from 'react-router';
import { api } from '../api.ts';
import { Notice } from '../components/controls.tsx';
import { useLoad } from '../hooks/use-load.ts';
import { t } from '../i18n/t.ts';

/** Tells owners and admins of webhooks that were switched off because nothing arrived there any more. */
export function WebhookNotice() {
  const loaded = useLoad(api.webhooks);
  if (loaded.status !== 'ready') return null;
  return loaded.value.webhooks
    .filter(({ disabledAt, failingSince }) => disabledAt !== null && failingSince !== null)
    .map(({ webhookId, url }) => (
      <Notice key={webhookId} kind="problem">
        <p>
          {t('The webhook to {host} was switched off: nothing arrived there any more.', {
            host: new URL(url).host,
          })}{' '}
          <Link to={`/organization/webhooks/${webhookId}`}>{t('See why, and switch it on')}</Link>
        </p>
      </Notice>
    ));
}
