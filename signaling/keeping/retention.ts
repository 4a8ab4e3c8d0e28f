import { audit, enqueue, keeping, type OrganizationTx } from '@cratersync/db';
import { type Asked, entry } from '../audit/asked.ts';
import type { PlanLimits } from '../billing/standing.ts';
import {
  errors,
  planNames,
  type Retention,
  type SessionId,
  type SessionRetention,
} from '../protocol/index.ts';

/** As the database has it: as long as the plan allows, which is for ever where nothing is limited. */
const FOREVER = 0;

/** Who wants it, and what their plan allows. */
export interface Changing {
  asked: Asked;
  limits: PlanLimits;
}

/** @throws `plan_limit` for a longer time than the plan allows */
export async function changeRetention(
  tx: OrganizationTx,
  retention: Retention,
  { asked, limits }: Changing,
): Promise<void> {
  const before = (await keeping.ofOrganization(tx)).retentionDays ?? FOREVER;
  const days = await allowed(tx, retention, { before, limits });
  if (days === before) return;
  await keeping.setOrganizationRetention(tx, days);
  const target = { kind: 'organization', id: tx.scope.organizationId } as const;
  await audit.append(tx, entry(asked, 'keeping.changed', target, detailsOf(retention)));
  await enqueue(tx, 'apply-retention', {});
}

/** @throws `plan_limit` for a longer time than the plan allows */
export async function changeSessionRetention(
  tx: OrganizationTx,
  sessionId: SessionId,
  retention: SessionRetention,
  { asked, limits }: Changing,
): Promise<void> {
  const before = (await keeping.ofSession(tx, sessionId))?.retentionDays ?? null;
  const days = retention.kind === 'organization' ? null : await allowed(tx, retention, { before, limits });
  if (days === before) return;
  await keeping.setSessionRetention(tx, sessionId, days);
  const target = { kind: 'session', id: sessionId } as const;
  await audit.append(tx, entry(asked, 'keeping.changed', target, detailsOf(retention)));
  await enqueue(tx, 'apply-retention', {});
}

/**
 * @param before a longer time, of a larger plan, may stay as it is: what holds is the shorter one
 * @returns as the database has it
 */
async function allowed(
  tx: OrganizationTx,
  retention: Retention,
  { before, limits }: { before: number | null; limits: PlanLimits },
): Promise<number> {
  if (retention.kind === 'plan') return FOREVER;
  const days = retention.kind === 'days' ? retention.days : FOREVER;
  const plan = await limits.retention(tx);
  const isLonger = plan !== null && (days === FOREVER || (days > plan.days && days !== before));
  if (isLonger) throw errors.planRetention(planNames[plan.plan], plan.days);
  return days;
}

const detailsOf = (retention: SessionRetention): audit.Done['details'] =>
  retention.kind === 'days' ? { days: retention.days } : { kept: retention.kind };

/** @param days null: as long as the plan allows, where there are plans */
export const retentionShape = (days: number | null, { isBilled }: Pick<PlanLimits, 'isBilled'>): Retention =>
  days === null ? { kind: isBilled ? 'plan' : 'forever' } : { kind: 'days', days };

/** @param days of its own, as the database has it */
export const sessionRetentionShape = (
  days: number | null,
  limits: Pick<PlanLimits, 'isBilled'>,
): SessionRetention =>
  days === null ? { kind: 'organization' } : retentionShape(days === FOREVER ? null : days, limits);
