import type { Database } from '@cratersync/db';
import type { Log, Sealer, Signer } from '@cratersync/infra/runtime';
import { type BillingConfig, PlanLimits } from '@cratersync/signaling/billing';
import type { Post } from '@cratersync/signaling/mail';
import type { Region } from '@cratersync/signaling/protocol';
import type { TaskList } from 'graphile-worker';
import { purgeAccount } from './accounts/purge-account.ts';
import { billingJobs } from './billing/billing-jobs.ts';
import { followPlans } from './billing/follow-plans.ts';
import { erasureJobs, forgettingJobs } from './erasure/index.ts';
import { exportJobs } from './exports/index.ts';
import { accountJob, organizationJob } from './job-payloads.ts';
import type { SessionKeys } from './keys/index.ts';
import { letterJobs } from './letters/index.ts';
import { announceNotices } from './notices/announce-notices.ts';
import { regionalTasks } from './regional-tasks.ts';
import { applyRetention } from './retention/apply-retention.ts';
import { rotationJobs, tendingJobs } from './rotation/index.ts';
import { type Lanes, renderJobs } from './stems/index.ts';
import type { ObjectStore } from './store/index.ts';
import { deliverWebhook } from './webhooks/deliver.ts';

/** What jobs are done with. */
export interface JobTools {
  db: Database;
  store: ObjectStore;
  keys: SessionKeys;
  signer: Signer;
  sealer: Sealer;
  post: Post;
  /** To one address. */
  lettersPerHour: number;
  /** null: it is off */
  billing: BillingConfig | null;
  scratch: string;
  lanes: Lanes;
  log: Log;
  /** Whose organizations the store and the keys are of; without it, of all. */
  region: Region | undefined;
  rotationDays: number;
  allowPrivate: boolean;
}

/** Jobs that are taken apart from all others, so that neither keeps the other waiting. */
export interface JobGroup {
  tasks: TaskList;
  /** How many are done at the same time. */
  atOnce: number;
  /** What is done again and again, for nobody in particular: lines as in crontab(5), in UTC. */
  crontab?: string;
  /** Behind the worker's own: see `startQueue`. */
  nameFile: string;
}

/** All that the worker does. */
export const jobGroups = (tools: JobTools): JobGroup[] => [
  recordingJobs(tools),
  exporting(tools),
  sending(tools),
];

/** How much of their work is done at the same time is for their lanes to say. */
const recordingJobs = (tools: JobTools): JobGroup => ({
  tasks: {
    ...regionalTasks(tools.db, tools.region, {
      ...renderJobs(tools),
      ...erasureJobs(tools),
      ...tendingJobs(tools),
    }),
    'apply-retention': payload =>
      applyRetention(
        { ...tools, limits: new PlanLimits(tools.billing !== null) },
        organizationJob.parse(payload).organizationId,
      ),
    ...rotationJobs(tools, tools.rotationDays),
    ...forgettingJobs(tools),
  },
  atOnce: 4,
  // Once a day, whenever the first worker is there.
  crontab: '30 2 * * * rotate-keys ?fill=1d&jobKey=rotate-keys&max=3',
  nameFile: 'name',
});

/** They take hours: what is rendered or erased must not wait for them. */
const exporting = (tools: JobTools): JobGroup => ({
  tasks: regionalTasks(tools.db, tools.region, exportJobs(tools)),
  atOnce: 2,
  nameFile: 'exports.name',
});

/** They wait for others; what is rendered must not keep them waiting. */
const sending = (tools: JobTools): JobGroup => ({
  tasks: {
    'deliver-webhook': (payload, { job, abortSignal }) =>
      deliverWebhook(tools, payload, { isLast: job.attempts >= job.max_attempts, signal: abortSignal }),
    'announce-notices': () => announceNotices(tools),
    'follow-plans': () => followPlans(tools),
    'purge-account': payload => purgeAccount(tools, accountJob.parse(payload).accountId),
    ...letterJobs(tools),
    ...billingJobs(tools),
  },
  atOnce: 10,
  crontab: ['*/5 * * * * announce-notices', '*/5 * * * * follow-plans', '40 3 * * * forget-old-mail'].join(
    '\n',
  ),
  nameFile: 'deliveries.name',
});
