import { Link } from 'react-router';
import { Button } from '../components/controls.tsx';
import { useAction } from '../hooks/use-action.ts';
import { useAccount } from './signed-in.tsx';

/** Who is signed in, and the way out. */
export function AccountAside() {
  const { me, signOut } = useAccount();
  const { isPending, problem, run } = useAction();
  return (
    <div className="row account">
      <Link to="/account" className="account-name" title="Your account">
        {me.displayName}
        <span className="account-organization muted"> · {me.organization?.name}</span>
      </Link>
      <Button look="quiet" isPending={isPending} onPress={() => void run(signOut)}>
        Sign out
      </Button>
      {problem !== null && <span role="alert">{problem}</span>}
    </div>
  );
}
