import type {
  AccountId,
  DeliveryId,
  ExportId,
  Letter,
  RecordingId,
  RenderId,
} from '@cratersync/signaling/protocol';
import type { Tx } from './database.ts';
import type { AccountScope, OrganizationScope } from './scope.ts';

/** What the worker is asked to do for an organization; the database allows no other names (app.job_names). */
interface OrganizationJobs {
  'render-stems': { recordingId: RecordingId };
  'render-extra': { recordingId: RecordingId; renderId: RenderId };
  'deliver-webhook': { deliveryId: DeliveryId };
  'erase-recording': { recordingId: RecordingId };
  'erase-organization': Record<string, never>;
  'forget-organization': Record<string, never>;
  'tend-customer-key': Record<string, never>;
  /** Its key with a provider that deletes keys some days after it was told to. */
  'tend-organization-key': Record<string, never>;
  'follow-seats': Record<string, never>;
  'watch-hours': Record<string, never>;
  'end-subscription': { subscriptionId: string };
  /** Tells of what is going to be deleted, and deletes what is due. */
  'apply-retention': Record<never, never>;
}

/** For an account. */
interface AccountJobs {
  'purge-account': Record<never, never>;
}

/** For an account, or an organization. */
interface AnyonesJobs {
  'send-letter': { to: AccountId; letter: Letter };
  'write-export': { exportId: ExportId };
  'expire-export': { exportId: ExportId };
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
export function enqueue<Name extends keyof AccountJobs>(
  tx: Tx<AccountScope>,
  name: Name,
  payload: AccountJobs[Name],
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
    `SELECT app.enqueue_job($1, $2, $3, CASE WHEN $4::float8 > 0 THEN now() + $4 * interval '1 millisecond' END)`,
    [name, JSON.stringify({ ...tx.scope, ...payload }), key, inMs],
  );
}

/** As `enqueue`, a job for each of the payloads; for the worker alone, whose queue it is. */
export async function enqueueAll<Name extends keyof OrganizationJobs>(
  tx: Tx,
  name: Name,
  payloads: readonly OrganizationJobs[Name][],
  { inMs = 0 }: Pick<JobOptions, 'inMs'> = {},
): Promise<void> {
  const prefix = `${name}:${tx.scope.organizationId}:`;
  // One by one, each would look at all jobs that there are.
  await tx.query(
    `SELECT count(*) FROM graphile_worker.add_jobs(ARRAY(
       SELECT ($1, job.payload::json, NULL, now() + $4 * interval '1 millisecond', NULL, job.key, NULL, NULL)
         ::graphile_worker.job_spec
       FROM unnest($2::text[], $3::text[]) AS job (payload, key)))`,
    [
      name,
      payloads.map(payload => JSON.stringify({ ...tx.scope, ...payload })),
      payloads.map(payload => prefix + Object.values(payload).join(':')),
      inMs,
    ],
  );
}

/** Queues a job anew as it was, under the name that it has now: of workers of its organization's region. */
export async function requeue(tx: Tx, name: string, payload: Record<string, unknown>): Promise<void> {
  const { organizationId: _, ...about } = payload;
  await tx.query('SELECT app.enqueue_job($1, $2, $3)', [
    name,
    JSON.stringify(payload),
    Object.values(about).join(':'),
  ]);
}
