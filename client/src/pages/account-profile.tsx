import { type FormEvent, useId, useState } from 'react';
import { Form } from 'react-aria-components/Form';
import { api } from '../api.ts';
import { Button, Field, Notice, Problem } from '../components/controls.tsx';
import { Picker } from '../components/picker.tsx';
import { ownTimeZone } from '../format.ts';
import { useAction } from '../hooks/use-action.ts';
import { languageNames } from '../i18n/language.ts';
import { t } from '../i18n/t.ts';
import { type Language, timeZone as timeZoneSchema } from '../protocol.ts';
import { useAccount } from './signed-in.tsx';

const languages = Object.entries(languageNames).map(([id, label]) => ({ id, label }));

/** What others call somebody, and how they want to be shown times and written mail. */
export function Profile() {
  const { me, reload } = useAccount();
  const [displayName, setDisplayName] = useState(me.displayName ?? '');
  const [timeZone, setTimeZone] = useState(me.timeZone ?? '');
  const [language, setLanguage] = useState<Language | null>(null);
  const [isSaved, setSaved] = useState(false);
  const [isZoneUnknown, setZoneUnknown] = useState(false);
  const { isPending, problem, run } = useAction();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setSaved(false);
    const isUnknown = timeZone !== '' && !timeZoneSchema.safeParse(timeZone).success;
    setZoneUnknown(isUnknown);
    if (isUnknown) return;
    void run(async () => {
      await api.updateMe({
        displayName,
        timeZone: timeZone === '' ? null : timeZone,
        ...(language !== null && { language }),
      });
      await reload();
      setSaved(true);
    });
  };
  return (
    <Form className="card stack" onSubmit={submit} aria-labelledby="profile">
      <h2 id="profile">{t('Profile')}</h2>
      <Field
        label={t('Your name')}
        isRequired
        problems={{ valueMissing: t('Enter the name that others will see.') }}
        autoComplete="name"
        maxLength={60}
        value={displayName}
        onChange={setDisplayName}
        hint={t('Others in the room see it, and your files bear it.')}
      />
      <TimeZoneField value={timeZone} onChange={setTimeZone} />
      <Picker
        label={t('Language of the pages and of our mail')}
        options={languages}
        selected={language ?? me.language}
        onChoose={id => setLanguage(id === 'fr' ? 'fr' : 'en')}
      />
      <Problem
        text={
          isZoneUnknown
            ? t(
                'There is no such time zone. Type the name of a large city near you, such as Paris, and choose from the list.',
              )
            : problem
        }
      />
      {isSaved && !isPending && <Notice kind="good">{t('Your profile is saved.')}</Notice>}
      <div className="row">
        <Button type="submit" isPending={isPending}>
          {t('Save')}
        </Button>
      </div>
    </Form>
  );
}

/** There are hundreds of zones: one types a city, and the browser shows those that fit. */
function TimeZoneField({ value, onChange }: { value: string; onChange: (zone: string) => void }) {
  const listId = useId();
  return (
    <>
      <Field
        label={t('Time zone')}
        value={value}
        onChange={text => onChange(text.trim().replaceAll(' ', '_'))}
        input={{ list: listId }}
        autoComplete="off"
        hint={t('Dates and times are shown in it. Empty: wherever this browser is (now {zone}).', {
          zone: ownTimeZone(),
        })}
      />
      <datalist id={listId}>
        {Intl.supportedValuesOf('timeZone').map(zone => (
          <option key={zone} value={zone} label={zone.replaceAll('_', ' ')} />
        ))}
      </datalist>
    </>
  );
}
