import { useEffect } from 'react';
import { useNavigate } from 'react-router';
import { api } from '../api.ts';
import { Button, Notice, Problem } from '../components/controls.tsx';
import { Page } from '../components/page.tsx';
import { useAction } from '../hooks/use-action.ts';
import { t } from '../i18n/t.ts';

/** Where a mailed sign-in link leads. A press signs in, so that a mail scanner that opens links does not. */
export default function SignInLinkPage() {
  const { isPending, problem, run } = useAction();
  const navigate = useNavigate();
  const token = location.hash.slice(1);
  useEffect(() => {
    if (token === '') void navigate('/', { replace: true });
  }, [token, navigate]);
  const signIn = () =>
    run(async () => {
      await api.signInByLink(token);
      await navigate('/', { replace: true });
    });
  return (
    <Page title={t('Sign in')} isNarrow>
      <div className="card stack">
        <h1>{t('Sign in by your link')}</h1>
        {problem === null && (
          <Notice kind="info">{t('The link works once, in the browser where you asked for it.')}</Notice>
        )}
        <Problem text={problem} />
        <div className="row">
          {problem === null ? (
            <Button look="primary" isPending={isPending} onPress={() => void signIn()}>
              {t('Sign in')}
            </Button>
          ) : (
            <Button look="primary" onPress={() => void navigate('/', { replace: true })}>
              {t('Ask for a new one')}
            </Button>
          )}
        </div>
      </div>
    </Page>
  );
}
