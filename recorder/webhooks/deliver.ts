import {
  type Database,
  inOrganization,
  type OrganizationTx,
  webhookDeliveries,
  webhooks,
} from '@cratersync/db';
import { type Sealer, UnsealError, webhookSecretOf } from '@cratersync/infra/runtime';
import { deliveryId, type OrganizationId, organizationId } from '@cratersync/signaling/protocol';
import { z } from 'zod';
import { PostError, type PostOptions, post } from './post.ts';
import { signedHeaders } from './sign.ts';

const deliverJob = z.strictObject({ organizationId, deliveryId });
const GONE = 410;

export interface DelivererOptions {
  db: Database;
  sealer: Sealer;
  allowPrivate: boolean;
  /** For tests: how names are resolved. */
  resolve?: PostOptions['resolve'];
}

/** Which attempt of a job this is, of the queue's own counting; `signal` when the worker ends. */
export interface DeliveryAttempt {
  isLast: boolean;
  signal: AbortSignal | undefined;
}

/**
 * Sends one message to one webhook. What did not arrive is thrown, so that the queue tries again: after 3 s first, in the
 * end every 6 h, for almost 4 days. Then it is given up; a webhook at which nothing arrived in that time is switched off,
 * and one that answers 410 (Gone) at once.
 */
export async function deliverWebhook(
  options: DelivererOptions,
  payload: unknown,
  { isLast, signal }: DeliveryAttempt,
): Promise<void> {
  const job = deliverJob.parse(payload);
  const scoped = <T>(work: (tx: OrganizationTx) => Promise<T>) =>
    inOrganization(options.db, job.organizationId, work);
  const delivery = await scoped(tx => webhookDeliveries.outgoing(tx, job.deliveryId));
  if (delivery === null || delivery.deliveredAt !== null || delivery.failedAt !== null) return;
  if (delivery.disabledAt !== null) {
    await scoped(tx => webhookDeliveries.giveUp(tx, delivery, 'The webhook was switched off meanwhile'));
    return;
  }
  const outcome = await attempt(options, job.organizationId, delivery, signal);
  // It was not its fault: the queue takes it up again when there is a worker.
  if (!outcome.delivered && signal?.aborted === true) throw new Error('the worker ended over it');
  const isGone = outcome.status === GONE;
  await scoped(async tx => {
    await webhookDeliveries.tried(tx, delivery, outcome);
    if (outcome.delivered) return;
    if (isGone || isLast) await webhookDeliveries.giveUp(tx, delivery, null);
    if (isGone) await webhooks.disableBySystem(tx, delivery.webhookId, 'It answered 410, Gone.');
    else if (isLast) await webhookDeliveries.disableIfDead(tx, delivery);
  });
  if (!outcome.delivered && !isGone && !isLast)
    throw new Error(`not delivered: ${outcome.error ?? `status ${outcome.status}`}`);
}

async function attempt(
  { db, sealer, allowPrivate, resolve }: DelivererOptions,
  organization: OrganizationId,
  { deliveryId: id, webhookId, url, payload: body, secretSealed }: webhookDeliveries.Outgoing,
  signal: AbortSignal | undefined,
): Promise<webhookDeliveries.Outcome> {
  try {
    const purpose = webhookSecretOf(organization, webhookId);
    const key = sealer.open(secretSealed, purpose);
    if (sealer.isOutdated(secretSealed, purpose))
      await inOrganization(db, organization, tx => webhooks.reseal(tx, webhookId, sealer.seal(key, purpose)));
    const headers = {
      'content-type': 'application/json',
      'user-agent': 'CraterSync-Webhooks/1',
      ...signedHeaders({ id, at: new Date(), body, key }),
    };
    const { status, answer } = await post(
      new URL(url),
      { headers, body },
      {
        allowPrivate,
        ...(resolve === undefined ? {} : { resolve }),
        ...(signal === undefined ? {} : { signal }),
      },
    );
    const delivered = status >= 200 && status < 300;
    const isRedirect = status >= 300 && status < 400;
    return { delivered, status, answer, error: isRedirect ? 'Redirects are not followed' : null };
  } catch (error) {
    if (!(error instanceof PostError || error instanceof UnsealError)) throw error;
    return { delivered: false, status: null, answer: null, error: error.message };
  }
}
