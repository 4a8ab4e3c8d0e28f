import type { AccountId, DeliveryId, Letter, RecordingId, RenderId } from '@cratersync/signaling/protocol';
import type { Tx } from './database.ts';
import type { AccountScope, OrganizationScope } from './scope.ts';

/** What the worker is asked to do for an organization; the database allows no other names (app.job_names). */
interface OrganizationJobs {
  'render-stems': { recordingId: RecordingId };
  'render-extra': { recordingId: RecordingId; renderId: RenderId };
  'deliver-webhook': { deliveryId: DeliveryId };
  'erase-recording': { recordingId: RecordingId };
  'tend-customer-key': Record<string, never>;
}

/** For an account, or an organization. */
interface AnyonesJobs {
  'send-letter': { to: AccountId; letter: Letter };
}

interface JobOptions {
  /** One with the same key that still waits is replaced. Default: all that it is about. */
  key?: string;
  /** Not before so much later. */
  inMs?: number;
}

/** Queues a job, which is seen by the worker if and when this transaction commits. */
export function enqueue<Name extends keyof OrganizationJobs>(
  tx: Tx,
  name: Name,
  payload: OrganizationJobs[Name],
  options?: JobOptions,
): Promise<void>;
export function enqueue<Name extends keyof AnyonesJobs>(
  tx: Tx<OrganizationScope> | Tx<AccountScope>,
  name: Name,
  payload: AnyonesJobs[Name],
  options: JobOptions & { key: string },
): Promise<void>;
export async function enqueue(
  tx: Tx<OrganizationScope> | Tx<AccountScope>,
  name: string,
  payload: object,
  { key = Object.values(payload).join(':'), inMs = 0 }: JobOptions = {},
): Promise<void> {
  await tx.query(
    `SELECT app.enqueue_job($1, $2, $3, CASE WHEN $4 > 0 THEN now() + $4 * interval '1 millisecond' END)`,
    [name, JSON.stringify({ ...tx.scope, ...payload }), key, inMs],
  );
}
