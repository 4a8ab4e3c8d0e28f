import { useState } from 'react';
import { Link } from 'react-router';
import { api } from '../api.ts';
import { Badge } from '../components/badge.tsx';
import { Field } from '../components/controls.tsx';
import { Toggle } from '../components/toggle.tsx';
import { dateTime } from '../format.ts';
import { type PlainKey, t } from '../i18n/t.ts';
import { type rest, type WebhookEvent, webhookEvent } from '../protocol.ts';
import { ActionForm } from './actions.tsx';
import { IntegrationsSection } from './integrations-section.tsx';

const events: Record<WebhookEvent, PlainKey> = {
  'recording.started': 'A recording started',
  'recording.stopped': 'A recording was stopped',
  'recording.complete': 'A recording is complete: all of it is in the store',
  'recording.incomplete': 'A recording broke off',
  'recording.stems_ready': 'The stems of a recording are ready',
};

export function Webhooks() {
  return (
    <IntegrationsSection
      title={t('Webhooks')}
      newLabel={t('New webhook')}
      load={api.webhooks}
      secretLabel={t('Signing secret')}
      secretHint={t(
        'Copy it now: it is not shown again. Your program checks with it that messages are from here.',
      )}
      form={props => <NewWebhook {...props} />}
      rows={({ webhooks }) =>
        webhooks.map(webhook => (
          <li key={webhook.webhookId}>
            <Link to={`/organization/webhooks/${webhook.webhookId}`} className="list-link">
              <span className="list-title">
                {webhook.url}
                <span className="muted"> · {webhook.events.join(', ')}</span>
              </span>
              <WebhookBadge webhook={webhook} />
            </Link>
          </li>
        ))
      }
      none={t('No program is told when something was recorded.')}
    />
  );
}

export function WebhookBadge({ webhook }: { webhook: rest.Webhook }) {
  if (webhook.disabledAt !== null) return <Badge tone="bad" text={t('Switched off')} />;
  if (webhook.failingSince !== null)
    return <Badge tone="bad" text={t('Failing since {date}', { date: dateTime(webhook.failingSince) })} />;
  return <Badge tone="good" text={t('On')} />;
}

function NewWebhook({
  onCancel,
  onMade,
}: {
  onCancel: () => void;
  onMade: (secret: string) => Promise<void>;
}) {
  const [url, setUrl] = useState('');
  const [chosen, setChosen] = useState<readonly WebhookEvent[]>(['recording.stems_ready']);
  const make = async () => onMade((await api.createWebhook({ url, events: [...chosen] })).secret);
  return (
    <ActionForm
      aria-label={t('New webhook')}
      submit={t('Make the webhook')}
      isDisabled={chosen.length === 0}
      onSubmit={make}
      onCancel={onCancel}
    >
      <Field
        label={t('Address')}
        type="url"
        autoFocus
        isRequired
        maxLength={500}
        problems={{
          valueMissing: t('Enter the address at which your program listens.'),
          typeMismatch: t('That is no address. One looks like https://example.org/hook.'),
        }}
        value={url}
        onChange={setUrl}
        hint={t('It begins with https:// and is in the internet.')}
      />
      <EventToggles chosen={chosen} onChoose={setChosen} />
    </ActionForm>
  );
}

export function EventToggles(props: {
  chosen: readonly WebhookEvent[];
  onChoose: (events: readonly WebhookEvent[]) => void;
}) {
  const { chosen, onChoose } = props;
  return (
    <fieldset className="switches">
      <legend>{t('What it is told of')}</legend>
      {webhookEvent.options.map(event => (
        <Toggle
          key={event}
          label={t(events[event])}
          hint={event}
          isOn={chosen.includes(event)}
          onChange={isOn => onChoose(isOn ? [...chosen, event] : chosen.filter(each => each !== event))}
        />
      ))}
    </fieldset>
  );
}
