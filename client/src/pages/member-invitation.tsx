import { useCallback, useState } from 'react';
import { useLocation, useNavigate } from 'react-router';
import { api } from '../api.ts';
import { Button, Notice, Problem } from '../components/controls.tsx';
import { Await, Page } from '../components/page.tsx';
import { useAction } from '../hooks/use-action.ts';
import { useLoad } from '../hooks/use-load.ts';
import { rich, t } from '../i18n/t.ts';
import { AppError } from '../protocol.ts';
import { SignIn } from './sign-in.tsx';

const invitedAs = {
  admin: '{email} is invited as an admin.',
  member: '{email} is invited as a member.',
} as const;

/** Where the mail of an invitation into an organization leads. */
export default function MemberInvitationPage() {
  const { hash } = useLocation();
  // Another link in the same tab changes what is behind the # only: it is another invitation all the same.
  return <Invitation key={hash} token={hash.slice(1)} />;
}

function Invitation({ token }: { token: string }) {
  const load = useCallback(() => api.previewMemberInvitation(token), [token]);
  const loaded = useLoad(load);
  const [isSigningIn, setSigningIn] = useState(false);
  const [isDeclined, setDeclined] = useState(false);
  const { isPending, problem, run } = useAction();
  const navigate = useNavigate();
  const accept = () =>
    run(async () => {
      try {
        await api.acceptMemberInvitation(token);
        await navigate('/', { replace: true });
      } catch (error) {
        if (!(error instanceof AppError) || error.code !== 'not_signed_in') throw error;
        setSigningIn(true);
      }
    });
  const decline = () =>
    run(async () => {
      await api.declineMemberInvitation(token);
      setDeclined(true);
    });
  if (isSigningIn)
    return (
      <SignIn
        invitation={token}
        onSignedIn={async () => {
          setSigningIn(false);
          await accept();
        }}
      />
    );
  return (
    <Page title={t('Invitation')} isNarrow>
      <Await loaded={loaded} what={t('your invitation')} isForGuests>
        {({ organizationName, email, role }) => (
          <div className="card stack">
            <h1>{t('Join {organization}', { organization: organizationName })}</h1>
            {isDeclined ? (
              <Notice kind="good">{t('You declined. You can close this page.')}</Notice>
            ) : (
              <>
                <p>
                  {rich(invitedAs[role], { email: <strong>{email}</strong> })}{' '}
                  {t('Members see all sessions and recordings of {organization}.', {
                    organization: organizationName,
                  })}
                </p>
                <Problem text={problem} />
                <div className="row">
                  <Button look="primary" isPending={isPending} onPress={() => void accept()}>
                    {t('Accept')}
                  </Button>
                  <Button look="quiet" isDisabled={isPending} onPress={() => void decline()}>
                    {t('Decline')}
                  </Button>
                </div>
              </>
            )}
          </div>
        )}
      </Await>
    </Page>
  );
}
