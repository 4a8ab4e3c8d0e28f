import type { DeliveryId, WebhookId } from '@cratersync/signaling/protocol';
import type { Tx } from './database.ts';
import { enqueue } from './jobs.ts';
import { type PageOf, type PageRequest, pageOf, placeOf, windowOf } from './page.ts';
import { disableBySystem } from './webhooks.ts';

export interface Delivery {
  deliveryId: DeliveryId;
  webhookId: WebhookId;
  event: string;
  payload: string;
  createdAt: Date;
  attempts: number;
  lastAttemptAt: Date | null;
  /** HTTP status of the last answer. */
  status: number | null;
  answer: string | null;
  error: string | null;
  deliveredAt: Date | null;
  failedAt: Date | null;
}

/** What is needed to send one. */
export interface Outgoing extends Delivery {
  url: string;
  secretSealed: Buffer;
  disabledAt: Date | null;
}

/** How an attempt went. */
export interface Outcome {
  delivered: boolean;
  status: number | null;
  answer: string | null;
  error: string | null;
}

const columns = `d.delivery_id AS "deliveryId", d.webhook_id AS "webhookId", d.event, d.payload,
  d.created_at AS "createdAt", d.attempts, d.last_attempt_at AS "lastAttemptAt", d.status, d.answer, d.error,
  d.delivered_at AS "deliveredAt", d.failed_at AS "failedAt"`;

/** Newest first. */
export async function ofWebhook(tx: Tx, webhookId: WebhookId, page: PageRequest): Promise<PageOf<Delivery>> {
  const [time, id, rows] = windowOf(page);
  const found = await tx.query<Delivery & { place: [string, string] }>(
    `SELECT ${columns}, ${placeOf('d.created_at', 'd.delivery_id')} FROM app.webhook_deliveries d
     WHERE d.webhook_id = $1 AND ($2::timestamptz IS NULL OR (d.created_at, d.delivery_id) < ($2, $3::uuid))
     ORDER BY d.created_at DESC, d.delivery_id DESC LIMIT $4`,
    [webhookId, time, id, rows],
  );
  return pageOf(found, page);
}

export const byId = (tx: Tx, deliveryId: DeliveryId): Promise<Delivery | null> =>
  tx.first(`SELECT ${columns} FROM app.webhook_deliveries d WHERE d.delivery_id = $1`, [deliveryId]);

/** @returns null for what was deleted with its webhook */
export const outgoing = (tx: Tx, deliveryId: DeliveryId): Promise<Outgoing | null> =>
  tx.first(
    `SELECT ${columns}, w.url, w.secret_sealed AS "secretSealed", w.disabled_at AS "disabledAt"
     FROM app.webhook_deliveries d JOIN app.webhooks w USING (organization_id, webhook_id)
     WHERE d.delivery_id = $1`,
    [deliveryId],
  );

/** Sends it once more, at once. */
export async function replay(tx: Tx, deliveryId: DeliveryId): Promise<void> {
  await tx.change(
    'UPDATE app.webhook_deliveries SET delivered_at = NULL, failed_at = NULL WHERE delivery_id = $1',
    [deliveryId],
  );
  await enqueue(tx, 'deliver-webhook', { deliveryId });
}

/** Writes down how an attempt went. */
export async function tried(tx: Tx, { deliveryId, webhookId }: Delivery, outcome: Outcome): Promise<void> {
  const { delivered, status, answer, error } = outcome;
  // The webhook first, as whoever deletes it does: the other way round they would wait for each other.
  await tx.change(
    `UPDATE app.webhooks SET failing_since = CASE WHEN $2 THEN NULL ELSE coalesce(failing_since, now()) END
     WHERE webhook_id = $1`,
    [webhookId, delivered],
  );
  await tx.change(
    `UPDATE app.webhook_deliveries SET attempts = attempts + 1, last_attempt_at = now(), status = $2, answer = $3,
       error = $4, delivered_at = CASE WHEN $5 THEN now() END WHERE delivery_id = $1`,
    [deliveryId, status, answer, error, delivered],
  );
}

export async function giveUp(tx: Tx, { deliveryId }: Delivery, error: string | null): Promise<void> {
  await tx.change(
    'UPDATE app.webhook_deliveries SET failed_at = now(), error = coalesce($2, error) WHERE delivery_id = $1',
    [deliveryId, error],
  );
}

/** Switches the webhook off if nothing has arrived there for days. */
export async function disableIfDead(tx: Tx, { webhookId }: Delivery): Promise<void> {
  const dead = await tx.first(
    `SELECT FROM app.webhooks WHERE webhook_id = $1 AND failing_since < now() - interval '3 days'`,
    [webhookId],
  );
  if (dead !== null) await disableBySystem(tx, webhookId, 'Nothing has arrived there for days.');
}
