import { type FormEvent, useState } from 'react';
import { Form } from 'react-aria-components/Form';
import { useNavigate } from 'react-router';
import { api } from '../api.ts';
import { Button, Field, Problem } from '../components/controls.tsx';
import { ownTimeZone } from '../format.ts';
import { useAction } from '../hooks/use-action.ts';
import { t } from '../i18n/t.ts';
import type { rest } from '../protocol.ts';

/** What a session is called, and when it is: a new one's, or that of one there is. */
export function SessionForm(props: {
  session?: rest.SessionDetail;
  onCancel: () => void;
  onSaved?: () => Promise<void>;
}) {
  const { session, onCancel, onSaved } = props;
  const [title, setTitle] = useState(session?.title ?? '');
  const [time, setTime] = useState(localTimeOf(session?.startsAt ?? null));
  const { isPending, problem, run } = useAction();
  const navigate = useNavigate();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const described = { title, startsAt: time === '' ? null : new Date(time).toISOString() };
    void run(async () => {
      if (session === undefined) {
        const { sessionId } = await api.createSession(described);
        await navigate(`/sessions/${sessionId}`);
      } else {
        await api.configureSession(session.sessionId, described);
        await onSaved?.();
      }
    });
  };
  return (
    <Form
      className="card stack"
      onSubmit={submit}
      aria-label={session === undefined ? t('New session') : t('Title and time')}
    >
      <Field
        label={t('Title')}
        autoFocus
        isRequired
        problems={{ valueMissing: t('Enter a title, such as the topic or the number of the episode.') }}
        maxLength={120}
        value={title}
        onChange={setTitle}
        hint={t('Guests see it before they join.')}
      />
      <Field
        label={t('Planned for')}
        type="datetime-local"
        value={time}
        onChange={setTime}
        hint={t('May stay empty. In the time of this browser ({zone}).', { zone: ownTimeZone() })}
      />
      <Problem text={problem} />
      <div className="row">
        <Button type="submit" look="primary" isPending={isPending}>
          {session === undefined ? t('Create') : t('Save')}
        </Button>
        <Button look="quiet" onPress={onCancel}>
          {t('Cancel')}
        </Button>
      </div>
    </Form>
  );
}

/** As `<input type="datetime-local">` wants it. */
function localTimeOf(iso: string | null): string {
  if (iso === null) return '';
  const date = new Date(iso);
  const local = new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 16);
}
