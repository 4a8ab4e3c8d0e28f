import { randomBytes, randomUUID } from 'node:crypto';
import {
  audit,
  type Database,
  inOrganization,
  type OrganizationTx,
  webhookDeliveries,
  webhooks,
} from '@cratersync/db';
import { type Sealer, webhookSecretOf } from '@cratersync/infra/runtime';
import type { Acting } from '../accounts/members.ts';
import { entry } from '../audit/asked.ts';
import {
  type DeliveryId,
  errors,
  type rest,
  WEBHOOK_SECRET_PREFIX,
  type WebhookEvent,
  type WebhookId,
  webhookId as webhookIdSchema,
} from '../protocol/index.ts';

const MAX_WEBHOOKS = 20;
const SECRET_BYTES = 32;

/** @returns the webhook, and the secret that what it is sent is signed with */
export async function makeWebhook(
  { db, sealer }: { db: Database; sealer: Sealer },
  { organizationId, accountId, asked }: Acting,
  { url, events }: { url: string; events: WebhookEvent[] },
): Promise<{ webhook: webhooks.Webhook; secret: string }> {
  const key = randomBytes(SECRET_BYTES);
  const webhookId = webhookIdSchema.parse(randomUUID());
  const secretSealed = sealer.seal(key, webhookSecretOf(organizationId, webhookId));
  const webhook = await inOrganization(db, organizationId, async tx => {
    if ((await webhooks.list(tx)).length >= MAX_WEBHOOKS)
      throw errors.conflict(`There are ${MAX_WEBHOOKS} webhooks already. Delete one that is not used.`);
    const made = await webhooks.create(tx, { webhookId, url, events, secretSealed, createdBy: accountId });
    // Of the address, the host alone: some have a secret in their path.
    const details = { host: new URL(url).host, events: events.join(' ') };
    await audit.append(tx, entry(asked, 'webhook.created', { kind: 'webhook', id: webhookId }, details));
    return made;
  });
  return { webhook, secret: WEBHOOK_SECRET_PREFIX + key.toString('base64') };
}

export const changeWebhook = (
  db: Database,
  { organizationId, asked }: Acting,
  webhookId: WebhookId,
  { events, enabled }: { events?: WebhookEvent[] | undefined; enabled?: boolean | undefined },
): Promise<webhooks.Webhook> =>
  inOrganization(db, organizationId, async tx => {
    await present(tx, webhookId);
    await webhooks.change(tx, webhookId, { events, enabled });
    const details = {
      ...(events === undefined ? {} : { events: events.join(' ') }),
      ...(enabled === undefined ? {} : { enabled }),
    };
    await audit.append(tx, entry(asked, 'webhook.changed', { kind: 'webhook', id: webhookId }, details));
    return await present(tx, webhookId);
  });

export const removeWebhook = (
  db: Database,
  { organizationId, asked }: Acting,
  webhookId: WebhookId,
): Promise<void> =>
  inOrganization(db, organizationId, async tx => {
    const { url } = await present(tx, webhookId);
    await webhooks.remove(tx, webhookId);
    const target = { kind: 'webhook', id: webhookId } as const;
    await audit.append(tx, entry(asked, 'webhook.deleted', target, { host: new URL(url).host }));
  });

/** Sends something that means nothing, to see whether it arrives. */
export const testWebhook = (
  db: Database,
  { organizationId }: Pick<Acting, 'organizationId'>,
  webhookId: WebhookId,
): Promise<webhookDeliveries.Delivery> =>
  inOrganization(db, organizationId, async tx => {
    switchedOn(await present(tx, webhookId));
    const deliveryId = await webhooks.send(tx, webhookId, 'webhook.test', { organizationId });
    return await presentDelivery(tx, webhookId, deliveryId);
  });

/** Sends a message once more, at once. */
export const replayDelivery = (
  db: Database,
  { organizationId, asked }: Acting,
  { webhookId, deliveryId }: { webhookId: WebhookId; deliveryId: DeliveryId },
): Promise<webhookDeliveries.Delivery> =>
  inOrganization(db, organizationId, async tx => {
    const webhook = await webhooks.byId(tx, webhookId);
    await presentDelivery(tx, webhookId, deliveryId);
    if (webhook !== null) switchedOn(webhook);
    await webhookDeliveries.replay(tx, deliveryId);
    const details = { delivery: deliveryId };
    await audit.append(tx, entry(asked, 'webhook.replayed', { kind: 'webhook', id: webhookId }, details));
    return await presentDelivery(tx, webhookId, deliveryId);
  });

export async function present(tx: OrganizationTx, webhookId: WebhookId): Promise<webhooks.Webhook> {
  const webhook = await webhooks.byId(tx, webhookId);
  if (webhook === null) throw errors.notFound('webhook');
  return webhook;
}

async function presentDelivery(
  tx: OrganizationTx,
  webhookId: WebhookId,
  deliveryId: DeliveryId,
): Promise<webhookDeliveries.Delivery> {
  const delivery = await webhookDeliveries.byId(tx, deliveryId);
  if (delivery?.webhookId !== webhookId) throw errors.notFound('webhook');
  return delivery;
}

function switchedOn({ disabledAt }: webhooks.Webhook): void {
  if (disabledAt !== null) throw errors.conflict('This webhook is switched off. Switch it on first.');
}

const iso = (date: Date | null): string | null => date?.toISOString() ?? null;

export const webhookShape = (row: webhooks.Webhook): rest.Webhook => ({
  ...{ webhookId: row.webhookId, url: row.url, events: row.events, disabledReason: row.disabledReason },
  createdAt: row.createdAt.toISOString(),
  disabledAt: iso(row.disabledAt),
  failingSince: iso(row.failingSince),
});

export const deliveryShape = (row: webhookDeliveries.Delivery): rest.Delivery => ({
  ...{ deliveryId: row.deliveryId, event: row.event, attempts: row.attempts, payload: row.payload },
  ...{ status: row.status, answer: row.answer, error: row.error },
  state: row.deliveredAt !== null ? 'delivered' : row.failedAt !== null ? 'failed' : 'waiting',
  createdAt: row.createdAt.toISOString(),
  lastAttemptAt: iso(row.lastAttemptAt),
});
