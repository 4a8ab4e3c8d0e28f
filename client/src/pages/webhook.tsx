import { useCallback, useState } from 'react';
import { Link, useNavigate, useParams } from 'react-router';
import { api } from '../api.ts';
import { Badge } from '../components/badge.tsx';
import { Button, Notice, Problem } from '../components/controls.tsx';
import { Icon } from '../components/icon.tsx';
import { Await, Page } from '../components/page.tsx';
import { dateTime } from '../format.ts';
import { useAction } from '../hooks/use-action.ts';
import { useLoad } from '../hooks/use-load.ts';
import { count, t } from '../i18n/t.ts';
import { told } from '../i18n/told.ts';
import { errors, type rest, type WebhookEvent } from '../protocol.ts';
import { AccountAside } from './account-aside.tsx';
import { ActionButton } from './actions.tsx';
import { EventToggles, WebhookBadge } from './integrations-webhooks.tsx';

const REFRESH_MS = 5_000;
const refresh = () => REFRESH_MS;

interface Shown {
  webhook: rest.Webhook;
  first: rest.DeliveryPage;
}

async function loadWebhook(webhookId: string): Promise<Shown> {
  const [{ webhooks }, first] = await Promise.all([api.webhooks(), api.deliveries(webhookId)]);
  const webhook = webhooks.find(each => each.webhookId === webhookId);
  if (webhook === undefined) throw errors.notFound('webhook');
  return { webhook, first };
}

/** One webhook: what it is told of, what it was sent, and what it answered. */
export default function WebhookPage() {
  const { webhookId = '' } = useParams();
  const loaded = useLoad(
    useCallback(() => loadWebhook(webhookId), [webhookId]),
    refresh,
  );
  return (
    <Page title={t('Webhook')} aside={<AccountAside />}>
      <Await loaded={loaded} what={t('the webhook')}>
        {({ webhook, first }, reload) => (
          <div className="stack stack-wide">
            <Heading webhook={webhook} reload={reload} />
            <Settings webhook={webhook} reload={reload} />
            <section className="stack" aria-labelledby="deliveries-heading">
              <h2 id="deliveries-heading">{t('Messages of the last 30 days')}</h2>
              <Deliveries webhook={webhook} first={first} reload={reload} />
            </section>
          </div>
        )}
      </Await>
    </Page>
  );
}

function Heading({ webhook, reload }: { webhook: rest.Webhook; reload: () => Promise<void> }) {
  const { isPending, problem, run } = useAction();
  const { webhookId, disabledAt, disabledReason } = webhook;
  const change = (work: () => Promise<unknown>) =>
    run(async () => {
      await work();
      await reload();
    });
  return (
    <>
      <div className="row row-between heading">
        <div>
          <h1>{new URL(webhook.url).host}</h1>
          <p className="row muted">
            <WebhookBadge webhook={webhook} />
            <span className="breakable">{webhook.url}</span>
          </p>
        </div>
        <div className="row">
          <Button
            isPending={isPending}
            isDisabled={disabledAt !== null}
            onPress={() => void change(() => api.testWebhook(webhookId))}
          >
            {t('Send a test')}
          </Button>
          <Link to="/organization/api" className="button button-plain">
            API
          </Link>
        </div>
      </div>
      {disabledAt !== null && (
        <Notice kind="problem">
          <p>
            {t('Switched off on {date}.', { date: dateTime(disabledAt) })} {told(disabledReason ?? '')}{' '}
            {t('What happens meanwhile is not sent later.')}
          </p>
          <Button
            isPending={isPending}
            onPress={() => void change(() => api.changeWebhook(webhookId, { enabled: true }))}
          >
            {t('Switch it on')}
          </Button>
        </Notice>
      )}
      <Problem text={problem} />
    </>
  );
}

function Settings({ webhook, reload }: { webhook: rest.Webhook; reload: () => Promise<void> }) {
  const { webhookId } = webhook;
  const [chosen, setChosen] = useState<readonly WebhookEvent[]>(webhook.events);
  const { isPending, problem, run } = useAction();
  const navigate = useNavigate();
  const isSame =
    chosen.length === webhook.events.length && chosen.every(each => webhook.events.includes(each));
  const change = (body: { events?: WebhookEvent[]; enabled?: boolean }) =>
    run(async () => {
      await api.changeWebhook(webhookId, body);
      await reload();
    });
  const remove = () =>
    run(async () => {
      await api.removeWebhook(webhookId);
      await navigate('/organization/api');
    });
  return (
    <details className="card disclosure">
      <summary>
        <Icon name="chevron" />
        {t('Settings')}
      </summary>
      <div className="stack">
        <EventToggles chosen={chosen} onChoose={setChosen} />
        <Problem text={problem} />
        <div className="row">
          <Button
            look="primary"
            isPending={isPending}
            isDisabled={isSame || chosen.length === 0}
            onPress={() => void change({ events: [...chosen] })}
          >
            {t('Save')}
          </Button>
          {webhook.disabledAt === null && (
            <Button isPending={isPending} onPress={() => void change({ enabled: false })}>
              {t('Switch it off')}
            </Button>
          )}
          <Button look="danger" isPending={isPending} onPress={() => void remove()}>
            {t('Delete it')}
          </Button>
        </div>
      </div>
    </details>
  );
}

function Deliveries(props: { webhook: rest.Webhook; first: rest.DeliveryPage; reload: () => Promise<void> }) {
  const { webhook, first, reload } = props;
  const [older, setOlder] = useState<rest.DeliveryPage | null>(null);
  const { isPending, problem, run } = useAction();
  const next = older === null ? first.next : older.next;
  const showOlder = () =>
    run(async () => {
      const page = await api.deliveries(webhook.webhookId, next);
      setOlder({ deliveries: [...(older?.deliveries ?? []), ...page.deliveries], next: page.next });
    });
  // What is new has pushed some of the first page into the second.
  const known = new Set(first.deliveries.map(({ deliveryId }) => deliveryId));
  const more = older?.deliveries.filter(({ deliveryId }) => !known.has(deliveryId)) ?? [];
  if (first.deliveries.length === 0) return <p className="empty muted">{t('Nothing was sent yet.')}</p>;
  return (
    <>
      <ul className="list">
        {[...first.deliveries, ...more].map(delivery => (
          <DeliveryRow key={delivery.deliveryId} webhook={webhook} delivery={delivery} reload={reload} />
        ))}
      </ul>
      <Problem text={problem} />
      {next !== null && (
        <div className="row">
          <Button isPending={isPending} onPress={() => void showOlder()}>
            {t('Show older messages')}
          </Button>
        </div>
      )}
    </>
  );
}

function DeliveryRow(props: { webhook: rest.Webhook; delivery: rest.Delivery; reload: () => Promise<void> }) {
  const { webhook, delivery, reload } = props;
  const replay = async () => {
    await api.replayDelivery(webhook.webhookId, delivery.deliveryId);
    await reload();
  };
  const { status, answer, error, attempts, lastAttemptAt } = delivery;
  return (
    <li className="list-row">
      <details className="list-title disclosure">
        <summary>
          <Icon name="chevron" />
          <span>
            {delivery.event}
            <span className="muted"> · {dateTime(lastAttemptAt ?? delivery.createdAt)}</span>
          </span>
        </summary>
        <div className="stack">
          <p className="muted">
            {count('{n} attempt|{n} attempts', attempts)}
            {status !== null && ` · ${t('answered {status}', { status: String(status) })}`}
            {error !== null && ` · ${told(error)}`}
          </p>
          <pre className="excerpt">{delivery.payload}</pre>
          {answer !== null && answer !== '' && <pre className="excerpt">{answer}</pre>}
          <p className="hint">webhook-id: {delivery.deliveryId}</p>
        </div>
      </details>
      <DeliveryBadge delivery={delivery} />
      <ActionButton
        isDisabled={webhook.disabledAt !== null}
        aria-label={t('Send again: {event}', { event: delivery.event })}
        act={replay}
      >
        {t('Send again')}
      </ActionButton>
    </li>
  );
}

function DeliveryBadge({ delivery: { state, attempts } }: { delivery: rest.Delivery }) {
  switch (state) {
    case 'delivered':
      return <Badge tone="good" text={t('Arrived')} />;
    case 'failed':
      return <Badge tone="bad" text={t('Given up')} />;
    case 'waiting':
      return attempts === 0 ? (
        <Badge tone="busy" text={t('Being sent')} />
      ) : (
        <Badge tone="bad" text={t('Tried again later')} />
      );
  }
}
