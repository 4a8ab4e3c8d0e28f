import { useLocation, useNavigate } from 'react-router';
import { api } from '../api.ts';
import { Button, Notice, Problem } from '../components/controls.tsx';
import { Page } from '../components/page.tsx';
import { useAction } from '../hooks/use-action.ts';
import { t } from '../i18n/t.ts';
import SignedIn from './signed-in.tsx';

/** Where one signs in: by the link that was mailed, or from the beginning. */
export default function SignInPage() {
  const token = useLocation().hash.slice(1);
  return token === '' ? <SignedIn /> : <SignInLink token={token} />;
}

/** A press signs in, so that a mail scanner that opens links does not. */
function SignInLink({ token }: { token: string }) {
  const { isPending, problem, run } = useAction();
  const navigate = useNavigate();
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
            <Button look="primary" onPress={() => void navigate('/sign-in', { replace: true })}>
              {t('Ask for a new one')}
            </Button>
          )}
        </div>
      </div>
    </Page>
  );
}
