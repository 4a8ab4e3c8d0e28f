import { z } from 'zod';
import { noticeTexts } from './notices.ts';
import { paidPlan, planName } from './plans.ts';

const seen = z.strictObject({
  /** Such as "Firefox on Linux", in the reader's language. */
  device: z.string(),
  /** IP address; empty when it is not known */
  address: z.string(),
  at: z.coerce.date(),
});
/** Where and when somebody came in, or got a way in. */
export type Seen = z.output<typeof seen>;

/** Of which organization, and how much: in the currency's smallest unit. */
const money = { organization: z.string(), amount: z.number(), currency: z.string() };
const receipt = z.strictObject({
  ...{ kind: z.literal('receipt'), ...money, number: z.string(), paidAt: z.coerce.date() },
});
const paymentFailed = z.strictObject({
  ...{ kind: z.literal('payment-failed'), ...money, graceEndsAt: z.coerce.date() },
});
const trialEnding = z.strictObject({
  ...{ kind: z.literal('trial-ending'), organization: z.string(), plan: paidPlan },
  trialEndsAt: z.coerce.date(),
});
const hoursUsedUp = z.strictObject({
  ...{ kind: z.literal('hours-used-up'), organization: z.string(), plan: planName, hours: z.number() },
  /** When they are counted anew. */
  until: z.coerce.date(),
});
export type Receipt = z.output<typeof receipt>;
export type PaymentFailed = z.output<typeof paymentFailed>;
export type TrialEnding = z.output<typeof trialEnding>;
export type HoursUsedUp = z.output<typeof hoursUsedUp>;
const closing = z.strictObject({
  organizationName: z.string(),
  /** Who asked for it. */
  by: z.string(),
  eraseAfter: z.coerce.date(),
  /** Where it can be undone. */
  url: z.string(),
});
export type OrganizationClosing = z.output<typeof closing>;

const erased = z.strictObject({
  organizationName: z.string(),
  /** JSON of rest.receipt. */
  receipt: z.string(),
});
export type OrganizationErased = z.output<typeof erased>;

/** What the worker is asked to write to somebody. It waits in the queue, so no secret stands in it. */
export const letter = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('new-device'), ...seen.shape }),
  z.strictObject({ kind: z.literal('new-passkey'), ...seen.shape }),
  z.strictObject({ kind: z.literal('account-deletion'), purgeAfter: z.coerce.date() }),
  z.strictObject({ kind: z.literal('notice'), effectiveAt: z.coerce.date(), texts: noticeTexts }),
  z.strictObject({
    kind: z.literal('retention-warning'),
    organizationName: z.string(),
    recordings: z.int(),
    /** When the first of them is deleted. */
    firstAt: z.coerce.date(),
    /** Those that are named, with how many recordings of each. */
    sessions: z.array(z.strictObject({ title: z.string(), recordings: z.int() })),
    moreSessions: z.int(),
    /** Which keeps them no longer; without, the time is the organization's own. */
    plan: z.strictObject({ name: planName, days: z.int() }).optional(),
  }),
  /** What was ordered lies ready, where `url` leads to. */
  z.strictObject({ kind: z.literal('export-ready'), url: z.url(), expiresAt: z.coerce.date() }),
  ...[receipt, paymentFailed, trialEnding, hoursUsedUp],
  z.strictObject({ kind: z.literal('organization-closing'), ...closing.shape }),
  z.strictObject({ kind: z.literal('organization-kept'), organizationName: z.string(), by: z.string() }),
  z.strictObject({ kind: z.literal('organization-erased'), ...erased.shape }),
]);
export type Letter = z.output<typeof letter>;
