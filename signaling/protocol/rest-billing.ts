import { z } from 'zod';
import { renderFormat } from './media.ts';
import { paidPlan, planName, subscriptionStatus } from './plans.ts';

/** Shapes of plans and billing. Without billing (no STRIPE_SECRET_KEY) none of these routes is there. */

const at = z.iso.datetime({ offset: true });
const limit = z.number().nullable();

export const limits = z.object({
  recordedHours: limit,
  people: limit,
  members: limit,
  retentionDays: limit,
  formats: z.array(renderFormat),
  ownKeys: z.boolean(),
});

/** What an organization has, and a plan has not: how much of what, and how much that plan allows. */
export const misfit = z.discriminatedUnion('what', [
  z.object({ what: z.literal('members'), have: z.number(), allowed: z.number() }),
  z.object({ what: z.literal('hours'), have: z.number(), allowed: z.number() }),
  /** So many recordings are older than the plan keeps them (days). */
  z.object({ what: z.literal('recordings'), have: z.number(), allowed: z.number() }),
  /** It has brought a key of its own. */
  z.object({ what: z.literal('ownKey') }),
  /** Made of recordings of the last 90 days, and not in that plan. */
  z.object({ what: z.literal('formats'), formats: z.array(renderFormat) }),
]);

export const planOffer = z.object({
  plan: planName,
  limits,
  /** null: it has none, or the payment service has not told it yet */
  price: z
    .object({
      /** In the currency's smallest unit. */
      amount: z.number(),
      currency: z.string(),
      interval: z.enum(['month', 'year']),
    })
    .nullable(),
  misfits: z.array(misfit),
});

// GET /organization/billing → 200 billing, for owners and admins
export const billing = z.object({
  plan: planName,
  /** Of what is paid for; null without a subscription. */
  status: subscriptionStatus.nullable(),
  /** What is subscribed to; after the grace that is not what the plan is. */
  subscribed: paidPlan.nullable(),
  /** That are paid for; null where there are none. */
  seats: z.number().nullable(),
  members: z.number(),
  renewsAt: at.nullable(),
  trialEndsAt: at.nullable(),
  /** It ends then, and is not renewed. */
  endsAt: at.nullable(),
  /** Until then the plan goes on, although a payment has failed. */
  graceEndsAt: at.nullable(),
  /** Days that can be tried before the first payment; null when that has been. */
  trialDays: z.number().nullable(),
  recordedHours: z.number(),
  /** When they are counted anew. */
  countsFrom: at,
  countsUntil: at,
  /** There is something to see at the payment service: cards, receipts. */
  hasAccount: z.boolean(),
  plans: z.array(planOffer),
});
// POST /organization/billing/checkout → 201 leadsTo, for owners: where it is paid for
export const orderPlan = z.strictObject({ plan: paidPlan });
// POST /organization/billing/portal → 201 leadsTo, for owners: cards, receipts, and the end of it
export const leadsTo = z.object({ url: z.string() });
// PATCH /organization/billing → 200 billing, for owners: another plan; free at the end of what is paid for. The plan that
// one has: it goes on, where it was to end.
export const changePlan = z.strictObject({ plan: z.enum(['free', ...paidPlan.options]) });

export type Billing = z.output<typeof billing>;
export type PlanOffer = z.output<typeof planOffer>;
export type Misfit = z.output<typeof misfit>;
