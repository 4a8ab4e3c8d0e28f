import { type FormEvent, useState } from 'react';
import { Form } from 'react-aria-components/Form';
import { api } from '../api.ts';
import { Button, Notice, Problem } from '../components/controls.tsx';
import { Await } from '../components/page.tsx';
import { duration } from '../format.ts';
import { useAction } from '../hooks/use-action.ts';
import { useLoad } from '../hooks/use-load.ts';
import { t } from '../i18n/t.ts';
import { planNames, type rest } from '../protocol.ts';
import { HoldControl } from './hold.tsx';
import { RetentionFields, retentionOf, wantedOf } from './retention-fields.tsx';

/** For how long an organization keeps recordings, and whether all of them are held. For owners and admins. */
export function Keeping() {
  const loaded = useLoad(api.keeping);
  return (
    <Await loaded={loaded} what={t('how long recordings are kept')}>
      {(keeping, reload) => (
        <>
          <section className="card stack" aria-labelledby="keeping-heading">
            <h2 id="keeping-heading">{t('Keeping recordings')}</h2>
            {keeping.plan !== null && (
              <p>
                {t('Your plan, {plan}, keeps recordings for {time} at most. You may choose a shorter time.', {
                  plan: planNames[keeping.plan.name],
                  time: duration(keeping.plan.days, 'day'),
                })}
              </p>
            )}
            <RetentionForm keeping={keeping} onSaved={reload} />
          </section>
          <section className="card stack" aria-labelledby="hold-heading">
            <h2 id="hold-heading">{t('Legal hold')}</h2>
            <p className="muted">
              {t(
                'Keeps every recording of the organization, whatever its time, for as long as the hold lasts.',
              )}
            </p>
            <HoldControl path="/organization" hold={keeping.hold} onChanged={reload} />
          </section>
        </>
      )}
    </Await>
  );
}

function RetentionForm(props: { keeping: rest.OrganizationKeeping; onSaved: () => Promise<void> }) {
  const [wanted, setWanted] = useState(wantedOf(props.keeping.retention));
  const [isSaved, setSaved] = useState(false);
  const { isPending, problem, run } = useAction();
  const { kind, days } = wanted;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setSaved(false);
    void run(async () => {
      if (kind === 'organization') return;
      await api.changeKeeping(retentionOf({ kind, days }));
      await props.onSaved();
      setSaved(true);
    });
  };
  return (
    <Form className="stack" onSubmit={submit} aria-labelledby="keeping-heading">
      <RetentionFields value={wanted} onChange={setWanted} />
      <p className="hint">
        {t(
          'A session may have a time of its own. When the time is shortened, nothing is deleted within a week.',
        )}
      </p>
      <Problem text={problem} />
      {isSaved && !isPending && <Notice kind="good">{t('Saved.')}</Notice>}
      <div className="row">
        <Button type="submit" isPending={isPending}>
          {t('Save')}
        </Button>
      </div>
    </Form>
  );
}
