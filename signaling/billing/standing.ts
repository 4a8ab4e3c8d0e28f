import { type Database, inOrganization, keeping, type OrganizationTx, subscriptions } from '@cratersync/db';
import {
  GRACE_DAYS,
  type Limits,
  type OrganizationId,
  type PaidPlan,
  type PlanName,
  plans,
  unlimited,
} from '../protocol/index.ts';

const DAY_MS = 24 * 3_600_000;

/** What an organization has just now, by what was told of it last. */
export interface Standing {
  plan: PlanName;
  limits: Limits;
  /** A payment has failed: the plan goes on until then. */
  graceEndsAt: Date | null;
}

/** It is paid for, will be, or may still be. */
export const isLive = (status: string | null): boolean =>
  status === 'trialing' || status === 'active' || status === 'past_due';

/** Until when a plan goes on that has not been paid for since then. */
export const graceEnd = (since: Date): Date => new Date(since.getTime() + GRACE_DAYS * DAY_MS);

/** What is paid for, whatever the operator grants beside it. */
export function paidFor(
  row: Pick<subscriptions.Subscription, 'plan' | 'status' | 'pastDueSince'>,
  now: Date,
): { plan: 'free' | PaidPlan; graceEndsAt: Date | null } {
  if (row.plan === null || !isLive(row.status)) return { plan: 'free', graceEndsAt: null };
  if (row.status !== 'past_due') return { plan: row.plan, graceEndsAt: null };
  const graceEndsAt = graceEnd(row.pastDueSince ?? now);
  return { plan: now < graceEndsAt ? row.plan : 'free', graceEndsAt };
}

/** @param row null: nothing was ever paid for or granted */
export function standingOf(row: subscriptions.Subscription | null, now: Date): Standing {
  if (row === null) return { plan: 'free', limits: plans.free, graceEndsAt: null };
  if (row.enterpriseUntil !== null && now < row.enterpriseUntil) {
    const limits = { ...plans.enterprise, members: row.enterpriseSeats };
    return { plan: 'enterprise', limits, graceEndsAt: null };
  }
  const { plan, graceEndsAt } = paidFor(row, now);
  return { plan, limits: plans[plan], graceEndsAt };
}

/** For so long a plan keeps recordings at most. */
export interface PlanRetention {
  plan: PlanName;
  days: number;
}

/** What organizations may do just now. Asks our own database alone: the payment service may be away. */
export class PlanLimits {
  readonly isBilled: boolean;

  /** @param isBilled false: everything, without limit */
  constructor(isBilled: boolean) {
    this.isBilled = isBilled;
  }

  /** Of the organization in scope. */
  async of(tx: OrganizationTx): Promise<Limits> {
    return (await this.#standing(tx))?.limits ?? unlimited;
  }

  /** How long its plan keeps recordings at most, and which one that is. @returns null: as long as wanted */
  async retention(tx: OrganizationTx): Promise<PlanRetention | null> {
    const standing = await this.#standing(tx);
    const days = standing?.limits.retentionDays ?? null;
    return standing === null || days === null ? null : { plan: standing.plan, days };
  }

  /** Has the database know how long its plan keeps recordings just now. Done again, it changes nothing. */
  async follow(tx: OrganizationTx): Promise<void> {
    // First: what whoever had the lock before has written is seen.
    await keeping.holdKeeping(tx);
    await keeping.setPlanRetention(tx, (await this.retention(tx))?.days ?? null);
  }

  async #standing(tx: OrganizationTx): Promise<Standing | null> {
    return this.isBilled ? standingOf(await subscriptions.current(tx), new Date()) : null;
  }

  /** In a transaction of its own, where one is needed. */
  async now(db: Database, organizationId: OrganizationId): Promise<Limits> {
    return this.isBilled ? inOrganization(db, organizationId, tx => this.of(tx)) : unlimited;
  }
}
