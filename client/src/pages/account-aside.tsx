import { Link } from 'react-router';
import { Button } from '../components/controls.tsx';
import { useAction } from '../hooks/use-action.ts';
import { t } from '../i18n/t.ts';
import { useAccount } from './signed-in.tsx';

/** Who is signed in, in which organization, and the way out. */
export function AccountAside() {
  const { me, signOut } = useAccount();
  const { isPending, problem, run } = useAction();
  return (
    <nav className="row account" aria-label={t('Account')}>
      <Link to="/account" className="account-name">
        {me.displayName}
      </Link>
      <Link to="/organization" className="account-name account-organization">
        {me.organization?.name}
      </Link>
      <Button look="quiet" isPending={isPending} onPress={() => void run(signOut)}>
        {t('Sign out')}
      </Button>
      {problem !== null && <span role="alert">{problem}</span>}
    </nav>
  );
}
