import {
  type Database,
  enqueue,
  inOrganization,
  type OrganizationTx,
  organizations,
  retention,
} from '@cratersync/db';
import type { Log } from '@cratersync/infra/runtime';
import type { PlanLimits } from '@cratersync/signaling/billing';
import { DELETION_GRACE_MS, type OrganizationId } from '@cratersync/signaling/protocol';
import { CONFIRM_MS } from '../erasure/index.ts';
import { tell } from './tell.ts';

/** How often each organization with a time is looked at. */
export const LOOK_EVERY_MS = 3_600_000;
/** How many are deleted in one transaction. */
const BATCH = 500;
/** Of so many people are told by one mail each. */
const TOLD_AT_ONCE = 10_000;

export interface RetentionOptions {
  db: Database;
  limits: PlanLimits;
  log: Log;
  confirmMs?: number;
  batch?: number;
}

/**
 * Tells of an organization's recordings whose time is over in a week, and deletes those whose time is over. A job of each
 * organization sets its own alarm, in place of one for all on the hour: whoever runs it sees nothing but that organization.
 * The next alarm is set before anything is done, so that a worker that dies over it only comes an hour late; each batch is a
 * transaction, and takes what no other worker has. Before all that it is seen what the plan allows just now: a grace or a grant
 * ends without anybody doing anything.
 */
export async function applyRetention(
  options: RetentionOptions,
  organizationId: OrganizationId,
): Promise<void> {
  const { db, limits, log, confirmMs = CONFIRM_MS, batch = BATCH } = options;
  const scoped = <T>(work: (tx: OrganizationTx) => Promise<T>) => inOrganization(db, organizationId, work);
  await scoped(tx => limits.follow(tx));
  const isOurs = await scoped(async tx => {
    if (!(await goesOn(tx, limits)) || !(await retention.alone(tx))) return false;
    const due = await retention.noteDue(tx);
    await enqueue(tx, 'apply-retention', {}, { inMs: due ? confirmMs : LOOK_EVERY_MS });
    return true;
  });
  if (!isOurs) return;
  const warned = await untilNone(() =>
    scoped(async tx => {
      if (!(await retention.alone(tx))) return 0;
      const taken = await retention.takeToWarn(tx, TOLD_AT_ONCE);
      await tell(tx, taken, await limits.retention(tx));
      return taken.length;
    }),
  );
  const expired = await untilNone(() =>
    scoped(async tx => {
      if (!(await retention.alone(tx))) return 0;
      return retention.expire(tx, { confirmMs, graceMs: DELETION_GRACE_MS, limit: batch });
    }),
  );
  if (warned + expired > 0)
    log.info({ organizationId, warned, expired }, 'applied the time that recordings are kept');
}

/** Where there are plans, one that has no end to it now may have one later. */
const goesOn = async (tx: OrganizationTx, { isBilled }: PlanLimits): Promise<boolean> =>
  (isBilled && (await organizations.nameIfThere(tx)) !== null) || retention.isSet(tx);

/** @returns how many in all */
async function untilNone(take: () => Promise<number>): Promise<number> {
  let all = 0;
  for (let some = await take(); some > 0; some = await take()) all += some;
  return all;
}
