import { type FormEvent, useState } from 'react';
import { Form } from 'react-aria-components/Form';
import { api } from '../api.ts';
import { Button, Field, Notice, Problem } from '../components/controls.tsx';
import { dateTime } from '../format.ts';
import { useAction } from '../hooks/use-action.ts';
import { t } from '../i18n/t.ts';
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
  const { isPending, problem, run } = useAction();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void run(async () => props.onAsked((await api.requestDeletion(typed)).purgeAfter));
  };
  return (
    <Form className="stack" onSubmit={submit} aria-labelledby="delete-account">
      <p>
        {t(
          'You are then signed out everywhere. For 30 days you can sign in and keep your account. Then your name, your address, your passkeys and devices are deleted for good. What you recorded belongs to your organizations, and stays there without your name.',
        )}
      </p>
      <Field
        label={t('Type {email} to confirm', { email: props.email })}
        type="email"
        autoFocus
        autoComplete="off"
        isRequired
        problems={{
          valueMissing: t('Enter the mail address of your account.'),
          typeMismatch: t('That is not a mail address. One looks like ada@example.org.'),
        }}
        value={typed}
        onChange={setTyped}
      />
      <Problem text={problem} />
      <div className="row">
        <Button type="submit" look="danger" isPending={isPending}>
          {t('Delete my account')}
        </Button>
        <Button look="quiet" onPress={props.onCancel}>
          {t('Cancel')}
        </Button>
      </div>
    </Form>
  );
}
