import type { subscriptions } from '@cratersync/db';
import type { Log } from '@cratersync/infra/runtime';
import type Stripe from 'stripe';
import { type OrganizationId, organizationId, type PaidPlan, subscriptionStatus } from '../protocol/index.ts';
import { answered, answeredIfThere, instant, type Payments } from './payments.ts';
import { isLive } from './standing.ts';

/** A customer of the payment service, as it is there just now. */
export interface Customer {
  customerId: string;
  /** null: it is none of ours, or gone */
  organizationId: OrganizationId | null;
  told: subscriptions.Told;
}

const nothing: subscriptions.Told = {
  ...{ customerId: null, subscriptionId: null, itemId: null, plan: null, status: null, seats: 0 },
  ...{ renewsAt: null, trialEndsAt: null, endsAt: null, pastDueSince: null },
};

/** Asks for it anew: what an event told of it may be old. @throws AppError `unavailable` */
export async function readCustomer(
  { payments, log }: { payments: Payments; log: Log },
  customerId: string,
): Promise<Customer> {
  const { stripe } = payments;
  const asked = stripe.customers.retrieve(customerId, { expand: ['subscriptions'] });
  const customer = await answeredIfThere(asked);
  if (customer === null || customer.deleted === true)
    return { customerId, organizationId: null, told: nothing };
  const ours = (customer.subscriptions?.data ?? []).flatMap(each => ourLineOf(each, payments, log));
  const [best, ...others] = ours.toSorted(byWorth);
  if (others.some(({ subscription }) => isLive(subscription.status)))
    log.error({ customerId }, 'a customer pays for two subscriptions: cancel one of them at Stripe');
  const told = best === undefined ? { ...nothing, customerId } : await toldOf(stripe, customerId, best);
  const owner = organizationId.safeParse(customer.metadata['organizationId']);
  return { customerId, organizationId: owner.success ? owner.data : null, told };
}

interface OurLine {
  subscription: Stripe.Subscription;
  item: Stripe.SubscriptionItem;
  plan: PaidPlan;
}

/** The line of a subscription that is for one of our plans. */
function ourLineOf(subscription: Stripe.Subscription, { planOf }: Payments, log: Log): OurLine[] {
  for (const item of subscription.items.data) {
    const plan = planOf(item.price.id);
    if (plan !== null) return [{ subscription, item, plan }];
  }
  log.warn({ subscriptionId: subscription.id }, 'a subscription is for no price that STRIPE_PRICE_… names');
  return [];
}

/** Those that are paid for first, and of these the newest. */
const byWorth = (a: OurLine, b: OurLine): number =>
  Number(isLive(b.subscription.status)) - Number(isLive(a.subscription.status)) ||
  b.subscription.created - a.subscription.created ||
  b.subscription.id.localeCompare(a.subscription.id);

async function toldOf(
  stripe: Stripe,
  customerId: string,
  { subscription, item, plan }: OurLine,
): Promise<subscriptions.Told> {
  const { id, trial_end: trialEnd, cancel_at: cancelAt, cancel_at_period_end: endsWithPeriod } = subscription;
  // One that is named so only since this was written pays for nothing.
  const status = subscriptionStatus.catch('paused').parse(subscription.status);
  const endsAt = cancelAt ?? (endsWithPeriod ? item.current_period_end : null);
  return {
    ...{ customerId, subscriptionId: id, itemId: item.id, plan, status, seats: item.quantity ?? 1 },
    renewsAt: endsAt === null ? instant(item.current_period_end) : null,
    trialEndsAt: trialEnd === null ? null : instant(trialEnd),
    endsAt: endsAt === null ? null : instant(endsAt),
    pastDueSince: status === 'past_due' ? await unpaidSince(stripe, id, item) : null,
  };
}

/** When the oldest invoice was made that is still to be paid. */
async function unpaidSince(stripe: Stripe, subscription: string, item: Stripe.SubscriptionItem) {
  const { data } = await answered(stripe.invoices.list({ subscription, status: 'open', limit: 100 }));
  const oldest = Math.min(...data.map(({ created }) => created));
  return instant(Number.isFinite(oldest) ? oldest : item.current_period_start);
}
