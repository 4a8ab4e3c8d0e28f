import { type FormEvent, useState } from 'react';
import { Form } from 'react-aria-components/Form';
import { api } from '../api.ts';
import { Button, Field, Problem } from '../components/controls.tsx';
import { Page } from '../components/page.tsx';
import { useAction } from '../hooks/use-action.ts';
import type { rest } from '../protocol.ts';

/** The first sign-in: who the person is, and what their organization is called. */
export function Onboarding({ me, onDone }: { me: rest.Me; onDone: () => Promise<void> }) {
  const [displayName, setDisplayName] = useState(me.displayName ?? '');
  const [organizationName, setOrganizationName] = useState(me.organization?.name ?? '');
  const { isPending, problem, run } = useAction();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void run(async () => {
      await api.updateMe({ displayName, organizationName });
      await onDone();
    });
  };
  return (
    <Page title="Welcome" isNarrow>
      <Form className="card stack" onSubmit={submit}>
        <div>
          <h1>Welcome</h1>
          <p className="muted">Two names, and you can record.</p>
        </div>
        <Field
          label="Your name"
          autoFocus
          isRequired
          problems={{ valueMissing: 'Enter the name that others will see.' }}
          autoComplete="name"
          maxLength={60}
          value={displayName}
          onChange={setDisplayName}
          hint="Others in the room see it, and your files bear it."
        />
        <Field
          label="Organization name"
          isRequired
          problems={{ valueMissing: 'Enter a name. You are free to use your own.' }}
          autoComplete="organization"
          maxLength={80}
          value={organizationName}
          onChange={setOrganizationName}
          hint="Your show, studio or company. Guests see it before they join."
        />
        <Problem text={problem} />
        <Button type="submit" look="primary" isPending={isPending}>
          Continue
        </Button>
      </Form>
    </Page>
  );
}
