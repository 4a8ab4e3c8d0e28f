import { type FormEvent, useEffect, useRef, useState } from 'react';
import { Form } from 'react-aria-components/Form';
import { api } from '../api.ts';
import { Button, Notice, Problem } from '../components/controls.tsx';
import { Page } from '../components/page.tsx';
import { type Action, useAction } from '../hooks/use-action.ts';
import { rich, t } from '../i18n/t.ts';
import { canHavePasskeys, signInByPasskey } from '../passkeys.ts';
import { CodeField, MailField } from './sign-in-fields.tsx';

/** Mail address, then the code that was sent to it. */
export function SignIn({
  onSignedIn,
  invitation,
}: {
  onSignedIn: () => Promise<void>;
  /** By which they came, and may have an account made. */
  invitation?: string;
}) {
  const [email, setEmail] = useState('');
  const [isCodeSent, setCodeSent] = useState(false);
  const action = useAction();
  const send = () =>
    action.run(async () => {
      await api.requestCode(email);
      setCodeSent(true);
    });
  return (
    <Page title={t('Sign in')} isNarrow>
      {isCodeSent ? (
        <CodeForm
          email={email}
          action={action}
          onCode={code =>
            action.run(async () => {
              await api.signIn({ email, code, ...(invitation !== undefined && { invitation }) });
              await onSignedIn();
            })
          }
          onResend={send}
          onOtherAddress={() => setCodeSent(false)}
        />
      ) : (
        <AddressForm
          email={email}
          onEmail={setEmail}
          action={action}
          onSend={send}
          onPasskey={() =>
            action.run(async () => {
              await signInByPasskey();
              await onSignedIn();
            })
          }
        />
      )}
    </Page>
  );
}

function AddressForm(props: {
  email: string;
  onEmail: (email: string) => void;
  action: Action;
  onSend: () => Promise<void>;
  onPasskey: () => Promise<void>;
}) {
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void props.onSend();
  };
  return (
    <Form className="card stack" onSubmit={submit}>
      <div>
        <h1>{t('Record a conversation')}</h1>
        <p className="muted">
          {t('Sign in, invite your guests by a link, and get one aligned file for each person.')}
        </p>
      </div>
      <MailField
        label={t('Mail address')}
        name="email"
        autoComplete="email"
        autoFocus
        missing={t('Enter your mail address.')}
        value={props.email}
        onChange={props.onEmail}
        hint={t('We send a code there. No password is needed, and an account is made if you have none.')}
      />
      <Problem text={props.action.problem} />
      <Button type="submit" look="primary" isPending={props.action.isPending}>
        {t('Send me a code')}
      </Button>
      {canHavePasskeys && (
        <Button isDisabled={props.action.isPending} onPress={() => void props.onPasskey()}>
          {t('Use a passkey')}
        </Button>
      )}
    </Form>
  );
}

function CodeForm(props: {
  email: string;
  action: Action;
  onCode: (code: string) => Promise<void>;
  onResend: () => Promise<void>;
  onOtherAddress: () => void;
}) {
  const [code, setCode] = useState('');
  const input = useRef<HTMLInputElement>(null);
  const { isPending, problem } = props.action;
  useEffect(() => {
    if (problem === null) return;
    setCode('');
    input.current?.focus();
  }, [problem]);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void props.onCode(code);
  };
  return (
    <Form className="card stack" onSubmit={submit}>
      <h1>{t('Enter your code')}</h1>
      <Notice kind="info">
        <p>
          {rich(
            'A code is on its way to {email}. It works once, for 10 minutes. If the message holds a link instead, open it in this browser.',
            { email: <strong>{props.email}</strong> },
          )}
        </p>
      </Notice>
      <CodeField
        label={t('Code')}
        autoFocus
        value={code}
        onChange={setCode}
        hint={t('Six digits. Look in the junk folder if it does not come.')}
        autoComplete="one-time-code"
        input={{ ref: input }}
      />
      <Problem text={problem} />
      <Button type="submit" look="primary" isPending={isPending}>
        {t('Sign in')}
      </Button>
      <div className="row">
        <Button look="quiet" isDisabled={isPending} onPress={() => void props.onResend()}>
          {t('Send another code')}
        </Button>
        <Button look="quiet" onPress={props.onOtherAddress}>
          {t('Use another address')}
        </Button>
      </div>
    </Form>
  );
}
