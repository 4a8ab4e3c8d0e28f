import { type FormEvent, useState } from 'react';
import { Form } from 'react-aria-components/Form';
import { api } from '../api.ts';
import { Button, Field, Problem } from '../components/controls.tsx';
import { OrganizationFields } from '../components/organization-fields.tsx';
import { Page } from '../components/page.tsx';
import { ownTimeZone } from '../format.ts';
import { useAction } from '../hooks/use-action.ts';
import { localization } from '../i18n/language.ts';
import { t } from '../i18n/t.ts';
import type { Region, rest } from '../protocol.ts';

/** The first sign-in: who the person is, and what their organization is called. */
export default function Onboarding({ me, onDone }: { me: rest.Me; onDone: () => Promise<void> }) {
  const [displayName, setDisplayName] = useState(me.displayName ?? '');
  const [organizationName, setOrganizationName] = useState('');
  const [region, setRegion] = useState<Region>('ca');
  // Whoever was invited has an organization already.
  const isFounding = me.organization === null;
  const { isPending, problem, run } = useAction();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void run(async () => {
      const { language } = localization.get();
      const person = { displayName, language, timeZone: me.timeZone ?? ownTimeZone() };
      await api.updateMe(isFounding ? { ...person, organizationName, region } : person);
      await onDone();
    });
  };
  return (
    <Page title={t('Welcome')} isNarrow>
      <Form className="card stack" onSubmit={submit}>
        <div>
          <h1>{t('Welcome')}</h1>
          <p className="muted">
            {isFounding ? t('Two names, and you can record.') : t('Your name, and you are in.')}
          </p>
        </div>
        <Field
          label={t('Your name')}
          autoFocus
          isRequired
          problems={{ valueMissing: t('Enter the name that others will see.') }}
          autoComplete="name"
          maxLength={60}
          value={displayName}
          onChange={setDisplayName}
          hint={t('Others in the room see it, and your files bear it.')}
        />
        {isFounding && (
          <OrganizationFields
            name={organizationName}
            onName={setOrganizationName}
            region={region}
            onRegion={setRegion}
          />
        )}
        <Problem text={problem} />
        <Button type="submit" look="primary" isPending={isPending}>
          {t('Continue')}
        </Button>
      </Form>
    </Page>
  );
}
