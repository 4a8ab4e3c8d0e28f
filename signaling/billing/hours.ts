import {
  type Database,
  inOrganization,
  letters,
  type OrganizationTx,
  organizations,
  recordings,
  subscriptions,
} from '@cratersync/db';
import { errors, type Limits, type OrganizationId } from '../protocol/index.ts';
import { standingOf } from './standing.ts';

const HOUR_MS = 3_600_000;
/** Nobody needs to know it sooner, and the clocks of two machines differ. */
const AGAIN_AT_LEAST_MS = 30_000;

/** The calendar month, in UTC, in which hours are counted. */
export const monthOf = (now: Date): { from: Date; until: Date } => ({
  from: new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth())),
  until: new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1)),
});

interface Left {
  ms: number;
  /** Among so many recordings. */
  running: number;
}

/** @returns null: without limit */
async function left(tx: OrganizationTx, { recordedHours }: Limits): Promise<Left | null> {
  if (recordedHours === null) return null;
  const { ms, running } = await recordings.recordedSince(tx, monthOf(new Date()).from);
  return { ms: recordedHours * HOUR_MS - ms, running };
}

/** @throws `plan_limit` when nothing may begin to be recorded any more this month */
export async function requireHours(tx: OrganizationTx, limits: Limits): Promise<Left | null> {
  const rest = await left(tx, limits);
  if (rest !== null && rest.ms <= 0) throw errors.planHours(limits.recordedHours ?? 0);
  return rest;
}

/**
 * Somebody begins to record: while they do, their hours are watched.
 * @throws `plan_limit`
 */
export async function spendHours(tx: OrganizationTx, limits: Limits): Promise<void> {
  const rest = await requireHours(tx, limits);
  if (rest === null) return;
  // So that there is a row in which to note that the owners were told.
  await subscriptions.hold(tx);
  await subscriptions.watchHours(tx, nextLook(rest.ms, rest.running + 1));
}

/** They are used up then, if all that is being recorded goes on. */
const nextLook = (ms: number, running: number) => Math.max(Math.ceil(ms / running), AGAIN_AT_LEAST_MS);

/**
 * Tells the owners, once a month, that the hours are used up by what is being recorded. It goes on: nothing that was begun
 * is ever stopped for that.
 */
export async function watchHours(db: Database, organizationId: OrganizationId): Promise<void> {
  await inOrganization(db, organizationId, async tx => {
    const { plan, limits } = standingOf(await subscriptions.current(tx), new Date());
    const rest = await left(tx, limits);
    if (rest === null || rest.running === 0) return;
    if (rest.ms > 0) return subscriptions.watchHours(tx, nextLook(rest.ms, rest.running));
    const month = monthOf(new Date());
    const organization = await organizations.nameIfThere(tx);
    if (organization === null || !(await subscriptions.tellHours(tx, month.from))) return;
    const hours = limits.recordedHours ?? 0;
    await letters.queueForOwners(
      tx,
      { kind: 'hours-used-up', organization, plan, hours, until: month.until },
      { key: `hours:${month.from.toISOString()}` },
    );
  });
}
