import { type FormEvent, useState } from 'react';
import { Form } from 'react-aria-components/Form';
import { api } from '../api.ts';
import { Button, Notice, Problem } from '../components/controls.tsx';
import { Await } from '../components/page.tsx';
import { useAction } from '../hooks/use-action.ts';
import { useLoad } from '../hooks/use-load.ts';
import { rich, t } from '../i18n/t.ts';
import type { rest } from '../protocol.ts';
import { ActionForm } from './actions.tsx';
import { CodeField, MailField } from './sign-in-fields.tsx';
import { useAccount } from './signed-in.tsx';

/** The mail address of an account, and the way to another one: by a code from each of the two. */
export function MailAddress() {
  const { me } = useAccount();
  const loaded = useLoad(api.emailChange);
  return (
    <section className="card stack" aria-labelledby="address">
      <div>
        <h2 id="address">{t('Mail address')}</h2>
        <p className="muted">{me.email}</p>
      </div>
      <Await loaded={loaded} what={t('your mail address')}>
        {({ change }, reload) =>
          change === null ? (
            <NewAddress onAsked={reload} />
          ) : (
            <ConfirmAddress change={change} onEnded={reload} />
          )
        }
      </Await>
    </section>
  );
}

function NewAddress({ onAsked }: { onAsked: () => Promise<void> }) {
  const [isChanging, setChanging] = useState(false);
  const [email, setEmail] = useState('');
  const ask = async () => {
    await api.requestEmailChange(email);
    await onAsked();
  };
  if (!isChanging)
    return (
      <div className="row">
        <Button onPress={() => setChanging(true)}>{t('Change the address')}</Button>
      </div>
    );
  return (
    <ActionForm
      aria-label={t('Another mail address')}
      submit={t('Send both codes')}
      onSubmit={ask}
      onCancel={() => setChanging(false)}
    >
      <MailField
        label={t('New mail address')}
        autoFocus
        missing={t('Enter your new mail address.')}
        value={email}
        onChange={setEmail}
        hint={t('A code goes there, and another one to the address that you have now. You need both.')}
      />
    </ActionForm>
  );
}

function ConfirmAddress(props: { change: rest.EmailChange; onEnded: () => Promise<void> }) {
  const { me, reload } = useAccount();
  const { newEmail } = props.change;
  const [oldCode, setOldCode] = useState('');
  const [newCode, setNewCode] = useState('');
  const { isPending, problem, run } = useAction();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void run(async () => {
      await api.confirmEmailChange({ oldCode, newCode });
      await reload();
    });
  };
  const giveUp = () =>
    run(async () => {
      await api.giveUpEmailChange();
      await props.onEnded();
    });
  return (
    <Form className="stack" onSubmit={submit} aria-label={t('Confirm the new address')}>
      <Notice kind="info">
        <p>
          {rich(
            'Two codes are on their way: one to {old}, one to {new}. They work once, for 10 minutes, in this browser. All others will be signed out.',
            { old: <strong>{me.email}</strong>, new: <strong>{newEmail}</strong> },
          )}
        </p>
      </Notice>
      <CodeField
        label={t('Code sent to {email}', { email: me.email })}
        value={oldCode}
        onChange={setOldCode}
        autoComplete="off"
      />
      <CodeField
        label={t('Code sent to {email}', { email: newEmail })}
        value={newCode}
        onChange={setNewCode}
        autoComplete="off"
      />
      <Problem text={problem} />
      <div className="row">
        <Button type="submit" look="primary" isPending={isPending}>
          {t('Change the address')}
        </Button>
        <Button look="quiet" isDisabled={isPending} onPress={() => void giveUp()}>
          {t('Keep the old one')}
        </Button>
      </div>
    </Form>
  );
}
