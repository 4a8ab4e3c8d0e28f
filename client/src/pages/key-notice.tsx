import { Link } from 'react-router';
import { api } from '../api.ts';
import { Notice } from '../components/controls.tsx';
import { useLoad } from '../hooks/use-load.ts';
import { t } from '../i18n/t.ts';

/** Tells owners that the key they have brought lets us no more. */
export function KeyNotice() {
  const loaded = useLoad(api.keys);
  if (loaded.status !== 'ready' || loaded.value.trouble === null) return null;
  return (
    <Notice kind="problem">
      <p>
        {t('This organization’s own key refuses: what is locked by it does not open.')}{' '}
        <Link to="/organization/keys">{t('See why')}</Link>
      </p>
    </Notice>
  );
}
