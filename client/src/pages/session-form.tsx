import { useState } from 'react';
import { useNavigate } from 'react-router';
import { api } from '../api.ts';
import { Field } from '../components/controls.tsx';
import { ownTimeZone } from '../format.ts';
import { t } from '../i18n/t.ts';
import type { rest } from '../protocol.ts';
import { ActionForm } from './actions.tsx';
import { RetentionFields, retentionOf, wantedOf } from './retention-fields.tsx';
import { useMayManage } from './signed-in.tsx';

/** What a session is called, when it is, and how long its recordings are kept: a new one's, or that of one there is. */
export function SessionForm(props: {
  session?: rest.SessionDetail;
  onCancel: () => void;
  onSaved?: () => Promise<void>;
}) {
  const { session, onCancel, onSaved } = props;
  const [title, setTitle] = useState(session?.title ?? '');
  const [time, setTime] = useState(localTimeOf(session?.startsAt ?? null));
  const mayKeep = useMayManage();
  const [kept, setKept] = useState(wantedOf(session?.retention ?? { kind: 'organization' }));
  const navigate = useNavigate();
  const save = async () => {
    const described = {
      ...{ title, startsAt: time === '' ? null : new Date(time).toISOString() },
      ...(mayKeep && { retention: retentionOf(kept) }),
    };
    if (session === undefined) {
      const { sessionId } = await api.createSession(described);
      await navigate(`/sessions/${sessionId}`);
    } else {
      await api.configureSession(session.sessionId, described);
      await onSaved?.();
    }
  };
  return (
    <ActionForm
      isCard
      aria-label={session === undefined ? t('New session') : t('Settings')}
      submit={session === undefined ? t('Create') : t('Save')}
      onSubmit={save}
      onCancel={onCancel}
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
      {mayKeep && <RetentionFields value={kept} onChange={setKept} isOfSession />}
    </ActionForm>
  );
}

/** As `<input type="datetime-local">` wants it. */
function localTimeOf(iso: string | null): string {
  if (iso === null) return '';
  const date = new Date(iso);
  const local = new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 16);
}
