import { useState } from 'react';
import { api } from '../api.ts';
import { Button, Field, Notice, Problem } from '../components/controls.tsx';
import { dateTime } from '../format.ts';
import { useAction } from '../hooks/use-action.ts';
import { t } from '../i18n/t.ts';
import type { rest } from '../protocol.ts';
import { ActionForm } from './actions.tsx';

/** A legal hold on something: what it says, and the way to place and to release it. For owners and admins. */
export function HoldControl(props: {
  /** Of what, as the API names it: `/sessions/…`. */
  path: string;
  hold: rest.Hold | null;
  onChanged: () => Promise<void>;
}) {
  const { path, hold, onChanged } = props;
  const [isPlacing, setPlacing] = useState(false);
  const { isPending, problem, run } = useAction();
  const release = () =>
    run(async () => {
      await api.releaseHold(path);
      await onChanged();
    });
  if (hold !== null)
    return (
      <>
        <Notice kind="info">
          <p>{heldSince(hold)}</p>
          <p>{t('Nobody can delete what is held, and nothing of it ends by itself.')}</p>
        </Notice>
        <div className="row">
          <Button look="danger" isPending={isPending} onPress={() => void release()}>
            {t('Release the hold')}
          </Button>
        </div>
        <Problem text={problem} />
      </>
    );
  if (isPlacing)
    return (
      <PlaceHold
        path={path}
        onPlaced={async () => {
          await onChanged();
          setPlacing(false);
        }}
        onCancel={() => setPlacing(false)}
      />
    );
  return (
    <div className="row">
      <Button onPress={() => setPlacing(true)}>{t('Place a legal hold')}</Button>
    </div>
  );
}

export const heldSince = ({ since, reason }: rest.Hold): string =>
  t('Held since {date}: {reason}', { date: dateTime(since), reason });

function PlaceHold(props: { path: string; onPlaced: () => Promise<void>; onCancel: () => void }) {
  const [reason, setReason] = useState('');
  const place = async () => {
    await api.placeHold(props.path, reason);
    await props.onPlaced();
  };
  return (
    <ActionForm
      aria-label={t('Place a legal hold')}
      submit={t('Hold it')}
      onSubmit={place}
      onCancel={props.onCancel}
    >
      <Field
        label={t('Reason')}
        autoFocus
        isRequired
        maxLength={200}
        problems={{ valueMissing: t('Enter why, such as the number of the case.') }}
        value={reason}
        onChange={setReason}
        hint={t('Whoever tries to delete it reads this.')}
      />
    </ActionForm>
  );
}
