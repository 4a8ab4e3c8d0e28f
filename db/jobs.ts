import type { DeliveryId, OrganizationId, RecordingId, RenderId } from '@cratersync/signaling/protocol';
import type { Tx } from './database.ts';

/** What the worker is asked to do; the database allows no other names (migrations/0029_job_queue.sql). */
export interface JobPayloads {
  'render-stems': { organizationId: OrganizationId; recordingId: RecordingId };
  'render-extra': { organizationId: OrganizationId; recordingId: RecordingId; renderId: RenderId };
  'deliver-webhook': { organizationId: OrganizationId; deliveryId: DeliveryId };
  'erase-recording': { organizationId: OrganizationId; recordingId: RecordingId };
}

/**
 * Queues a job, which is seen by the worker if and when this transaction commits. One that still waits is replaced.
 * @param inMs not before so much later
 */
export async function enqueue<Name extends keyof JobPayloads>(
  tx: Tx,
  name: Name,
  payload: Omit<JobPayloads[Name], 'organizationId'>,
  { inMs = 0 }: { inMs?: number } = {},
): Promise<void> {
  const key = Object.values(payload).join(':');
  const full = { organizationId: tx.scope.organizationId, ...payload };
  await tx.query(
    `SELECT app.enqueue_job($1, $2, $3, CASE WHEN $4 > 0 THEN now() + $4 * interval '1 millisecond' END)`,
    [name, JSON.stringify(full), key, inMs],
  );
}
