import type {
  AccountId,
  DeliveryId,
  RecordingId,
  rest,
  WebhookEvent,
  WebhookId,
} from '@cratersync/signaling/protocol';
import * as audit from './audit.ts';
import type { Tx } from './database.ts';
import { enqueue } from './jobs.ts';

export interface Webhook {
  webhookId: WebhookId;
  url: string;
  events: WebhookEvent[];
  createdAt: Date;
  failingSince: Date | null;
  disabledAt: Date | null;
  disabledReason: string | null;
}

const columns = `webhook_id AS "webhookId", url, events, created_at AS "createdAt", failing_since AS "failingSince",
  disabled_at AS "disabledAt", disabled_reason AS "disabledReason"`;

/** @param webhook its id is chosen before, as its secret is sealed for it */
export const create = (
  tx: Tx,
  webhook: {
    webhookId: WebhookId;
    url: string;
    events: readonly WebhookEvent[];
    secretSealed: Buffer;
    createdBy: AccountId;
  },
): Promise<Webhook> =>
  tx.one(
    `INSERT INTO app.webhooks (webhook_id, url, events, secret_sealed, created_by) VALUES ($1, $2, $3, $4, $5)
     RETURNING ${columns}`,
    [webhook.webhookId, webhook.url, webhook.events, webhook.secretSealed, webhook.createdBy],
  );

/** The oldest first. */
export const list = (tx: Tx): Promise<Webhook[]> =>
  tx.query(`SELECT ${columns} FROM app.webhooks ORDER BY created_at, webhook_id`);

export const byId = (tx: Tx, webhookId: WebhookId): Promise<Webhook | null> =>
  tx.first(`SELECT ${columns} FROM app.webhooks WHERE webhook_id = $1`, [webhookId]);

/** @param change.events undefined: as they were */
export async function change(
  tx: Tx,
  webhookId: WebhookId,
  change: { events?: readonly WebhookEvent[] | undefined; enabled?: boolean | undefined },
): Promise<void> {
  const { events, enabled } = change;
  if (events !== undefined)
    await tx.change('UPDATE app.webhooks SET events = $2 WHERE webhook_id = $1', [webhookId, events]);
  if (enabled === true)
    await tx.change(
      `UPDATE app.webhooks SET disabled_at = NULL, disabled_reason = NULL, failing_since = NULL WHERE webhook_id = $1`,
      [webhookId],
    );
  if (enabled === false && (await disable(tx, webhookId, 'Somebody switched it off.')))
    await tx.change('UPDATE app.webhooks SET failing_since = NULL WHERE webhook_id = $1', [webhookId]);
}

/** Its secret, sealed by another key. */
export async function reseal(tx: Tx, webhookId: WebhookId, secretSealed: Buffer): Promise<void> {
  await tx.change('UPDATE app.webhooks SET secret_sealed = $2 WHERE webhook_id = $1', [
    webhookId,
    secretSealed,
  ]);
}

/** @returns false when the organization has no such webhook */
export async function remove(tx: Tx, webhookId: WebhookId): Promise<boolean> {
  return (await tx.change('DELETE FROM app.webhooks WHERE webhook_id = $1', [webhookId])) === 1;
}

/** @returns false when it was switched off before */
async function disable(tx: Tx, webhookId: WebhookId, reason: string): Promise<boolean> {
  const disabled = await tx.change(
    `UPDATE app.webhooks SET disabled_at = now(), disabled_reason = $2 WHERE webhook_id = $1 AND disabled_at IS NULL`,
    [webhookId, reason],
  );
  return disabled === 1;
}

/** What does not arrive any more is switched off, and that is written down. */
export async function disableBySystem(tx: Tx, webhookId: WebhookId, reason: string): Promise<void> {
  if (!(await disable(tx, webhookId, reason))) return;
  await audit.append(tx, {
    ...audit.nobody,
    action: 'webhook.disabled',
    target: { kind: 'webhook', id: webhookId },
    details: {},
  });
}

interface Told {
  recordingId: RecordingId;
  stems?: { ready: number; failed: number };
}

/**
 * Tells every webhook that wants to hear of `event`, if and when this transaction commits. What was sent long ago is
 * forgotten on the way.
 */
export async function emit(tx: Tx, event: WebhookEvent, told: Told): Promise<void> {
  const listening = await tx.query<{ webhookId: WebhookId }>(
    `SELECT webhook_id AS "webhookId" FROM app.webhooks WHERE disabled_at IS NULL AND $1 = ANY (events)`,
    [event],
  );
  if (listening.length === 0) return;
  await tx.change(`DELETE FROM app.webhook_deliveries WHERE created_at < now() - interval '30 days'`);
  const recording = await tx.one<Omit<rest.WebhookPayload['data'], 'organizationId' | 'stems'>>(
    `SELECT recording_id AS "recordingId", session_id AS "sessionId", state, duration_ms AS "durationMs", reason
     FROM app.recordings WHERE recording_id = $1`,
    [told.recordingId],
  );
  const { stems } = told;
  const data = {
    organizationId: tx.scope.organizationId,
    ...recording,
    ...(stems === undefined ? {} : { stems }),
  } satisfies rest.WebhookPayload['data'];
  for (const { webhookId } of listening) await send(tx, webhookId, event, data);
}

/** Queues one message. */
export async function send(tx: Tx, webhookId: WebhookId, event: string, data: object): Promise<DeliveryId> {
  const payload = JSON.stringify({ type: event, timestamp: new Date().toISOString(), data });
  const { deliveryId } = await tx.one<{ deliveryId: DeliveryId }>(
    `INSERT INTO app.webhook_deliveries (webhook_id, event, payload) VALUES ($1, $2, $3)
     RETURNING delivery_id AS "deliveryId"`,
    [webhookId, event, payload],
  );
  await enqueue(tx, 'deliver-webhook', { deliveryId });
  return deliveryId;
}
