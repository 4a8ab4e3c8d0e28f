import type { DeliveryId, OrganizationId, RecordingId, RenderId } from '@cratersync/signaling/protocol';
import type { Tx } from './database.ts';

/** What the worker is asked to do; the database allows no other names (migrations/0033_webhooks.sql). */
export interface JobPayloads {
  'render-stems': { organizationId: OrganizationId; recordingId: RecordingId };
  'render-extra': { organizationId: OrganizationId; recordingId: RecordingId; renderId: RenderId };
  'deliver-webhook': { organizationId: OrganizationId; deliveryId: DeliveryId };
}

/** Queues a job, which is seen by the worker if and when this transaction commits. One that still waits is replaced. */
export async function enqueue<Name extends keyof JobPayloads>(
  tx: Tx,
  name: Name,
  payload: Omit<JobPayloads[Name], 'organizationId'>,
): Promise<void> {
  const key = Object.values(payload).join(':');
  const full = { organizationId: tx.scope.organizationId, ...payload };
  await tx.query('SELECT app.enqueue_job($1, $2, $3)', [name, JSON.stringify(full), key]);
}
