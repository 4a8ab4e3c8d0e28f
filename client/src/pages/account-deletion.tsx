import { useState } from 'react';
import { api } from '../api.ts';
import { Button, Notice } from '../components/controls.tsx';
import { dateTime } from '../format.ts';
import { t } from '../i18n/t.ts';
import { ActionForm } from './actions.tsx';
import { MailField } from './sign-in-fields.tsx';
import { useAccount } from './signed-in.tsx';

/** The way to be rid of one's account: the address is typed, so that nobody does it by a slip. */
export function DeleteAccount() {
  const { me } = useAccount();
  const [isAsking, setAsking] = useState(false);
  const [purgeAfter, setPurgeAfter] = useState<string | null>(null);
  return (
    <section className="card stack" aria-labelledby="delete-account">
      <h2 id="delete-account">{t('Delete your account')}</h2>
      {purgeAfter !== null ? (
        <>
          <Notice kind="info">
            <p>
              {t('You are signed out. Your account will be deleted on {date}. To keep it, sign in before.', {
                date: dateTime(purgeAfter),
              })}
            </p>
          </Notice>
          <div className="row">
            <Button onPress={() => location.assign('/')}>{t('To the start')}</Button>
          </div>
        </>
      ) : isAsking ? (
        <Ask email={me.email} onAsked={setPurgeAfter} onCancel={() => setAsking(false)} />
      ) : (
        <div className="row">
          <Button onPress={() => setAsking(true)}>{t('Delete your account…')}</Button>
        </div>
      )}
    </section>
  );
}

function Ask(props: { email: string; onAsked: (purgeAfter: string) => void; onCancel: () => void }) {
  const [typed, setTyped] = useState('');
  const remove = async () => props.onAsked((await api.requestDeletion(typed)).purgeAfter);
  return (
    <ActionForm
      aria-labelledby="delete-account"
      submit={t('Delete my account')}
      look="danger"
      onSubmit={remove}
      onCancel={props.onCancel}
    >
      <p>
        {t(
          'You are then signed out everywhere. For 30 days you can sign in and keep your account. Then your name, your address, your passkeys and devices are deleted for good. What you recorded belongs to your organizations, and stays there without your name.',
        )}
      </p>
      <MailField
        label={t('Type {email} to confirm', { email: props.email })}
        autoFocus
        autoComplete="off"
        missing={t('Enter the mail address of your account.')}
        value={typed}
        onChange={setTyped}
      />
    </ActionForm>
  );
}
