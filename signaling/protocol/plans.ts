import { z } from 'zod';
import { type RenderFormat, renderFormat } from './media.ts';

/** The plans and their limits: stated here, and nowhere else. They hold only where billing is on (docs/billing.md). */

/** The smallest first. */
export const planName = z.enum(['free', 'pro', 'team', 'enterprise']);
export type PlanName = z.output<typeof planName>;
/** The same in all languages. */
export const planNames: Record<PlanName, string> = {
  free: 'Free',
  pro: 'Pro',
  team: 'Team',
  enterprise: 'Enterprise',
};
/** What can be ordered and paid for by card. Enterprise is granted by the operator. */
export const paidPlan = planName.extract(['pro', 'team']);
export type PaidPlan = z.output<typeof paidPlan>;

/** As the payment service names them. */
export const subscriptionStatus = z.enum([
  'incomplete',
  'incomplete_expired',
  'trialing',
  'active',
  'past_due',
  'canceled',
  'unpaid',
  'paused',
]);
export type SubscriptionStatus = z.output<typeof subscriptionStatus>;

/** null: without limit */
export interface Limits {
  /** In a calendar month (UTC), in what begins in it. */
  recordedHours: number | null;
  /** In the room at the same time, whatever they are. */
  people: number | null;
  /** Of the organization; where seats are paid for, each has one. */
  members: number | null;
  /** How long recordings are kept at most. */
  retentionDays: number | null;
  /** What can be ordered to be made of a recording. */
  formats: readonly RenderFormat[];
  /** Keys in the organization's own key service. */
  ownKeys: boolean;
}

const everyFormat = renderFormat.options;

/** Of whoever hosts CraterSync themselves. */
export const unlimited: Limits = {
  ...{ recordedHours: null, people: null, members: null, retentionDays: null },
  ...{ formats: everyFormat, ownKeys: true },
};

export const plans: Record<PlanName, Limits> = {
  free: {
    ...{ recordedHours: 2, people: 4, members: 2, retentionDays: 30 },
    ...{ formats: ['mp3', 'mix-mp3'], ownKeys: false },
  },
  pro: {
    ...{ recordedHours: 20, people: 8, members: 5, retentionDays: 180 },
    ...{ formats: everyFormat, ownKeys: false },
  },
  team: {
    ...{ recordedHours: 100, people: 12, members: null, retentionDays: 365 },
    ...{ formats: everyFormat, ownKeys: true },
  },
  enterprise: unlimited,
};

/** Whoever has never paid may try that long. */
export const TRIAL_DAYS = 14;
/** For so long a plan goes on after a payment has failed. */
export const GRACE_DAYS = 14;
