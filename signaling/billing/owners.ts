import { createHash } from 'node:crypto';
import {
  audit,
  inOrganization,
  memberships,
  organizations,
  stripeEvents,
  subscriptions,
  unscoped,
} from '@cratersync/db';
import type { Acting } from '../accounts/members.ts';
import { entry } from '../audit/asked.ts';
import { errors, type Language, type PaidPlan, TRIAL_DAYS } from '../protocol/index.ts';
import { readCustomer } from './customer.ts';
import type { Cashier } from './events.ts';
import { answered, type Payments } from './payments.ts';
import { standingOf } from './standing.ts';
import { takeDown } from './take-down.ts';

/** What owners do: order a plan, change it, look after cards and receipts. */

const PAGE = '/organization/billing';

export interface Till extends Cashier {
  publicUrl: string;
}

interface Buyer {
  email: string;
  language: Language;
}

/** @returns where it is paid for @throws `conflict` for who pays already; AppError `unavailable` */
export async function orderPlan(
  till: Till,
  acting: Acting,
  { plan, email, language }: Buyer & { plan: PaidPlan },
): Promise<string> {
  const { db, payments, publicUrl } = till;
  const { organizationId } = acting;
  const { known, members, name } = await inOrganization(db, organizationId, async tx => ({
    known: (await subscriptions.current(tx))?.customerId ?? null,
    members: await memberships.count(tx),
    name: await organizations.nameOf(tx),
  }));
  // What was paid for a moment ago is not paid for once more.
  if (known !== null) await lookAgain(till, acting, known);
  const row = await inOrganization(db, organizationId, tx => subscriptions.current(tx));
  refuseSecond(row);
  const customer =
    row?.customerId ?? (await makeCustomer(till, acting, { email, name, after: row?.fetched ?? 0 }));
  const quantity = plan === 'team' ? members : 1;
  const days = row?.hadTrial === true ? null : TRIAL_DAYS;
  const back = publicUrl + PAGE;
  const url = await openCheckout(payments, {
    ...{ mode: 'subscription', customer, client_reference_id: organizationId },
    line_items: [{ price: payments.priceOf(plan), quantity }],
    subscription_data: {
      metadata: { organizationId },
      ...(days !== null && { trial_period_days: days }),
    },
    ...{ locale: language, success_url: `${back}?ordered=${plan}`, cancel_url: back },
  });
  const target = { kind: 'organization', id: organizationId } as const;
  await inOrganization(db, organizationId, tx =>
    audit.append(tx, entry(acting.asked, 'plan.ordered', target, { plan })),
  );
  return url;
}

function refuseSecond(row: subscriptions.Subscription | null): void {
  if (standingOf(row, new Date()).plan === 'enterprise')
    throw errors.conflict('The organization has Enterprise. Ask whoever runs this server to change that.');
  // One that was never paid for ends by itself.
  if (row?.subscriptionId == null || row.status === 'incomplete') return;
  throw errors.conflict(
    'The organization pays for a plan already. Change that one; or, where a payment is outstanding, open “Payments and receipts”.',
  );
}

/** Two clicks: one customer. @param after the last look: one that was deleted since it was made is not made once more */
async function makeCustomer(
  { db, payments }: Till,
  { organizationId }: Acting,
  { email, name, after }: { email: string; name: string; after: number },
): Promise<string> {
  const wanted = { email, name, metadata: { organizationId } };
  const idempotencyKey = keyOf('customer', { ...wanted, after });
  const made = await answered(payments.stripe.customers.create(wanted, { idempotencyKey }));
  return inOrganization(db, organizationId, tx => subscriptions.setCustomer(tx, made.id));
}

type Wanted = NonNullable<Parameters<Payments['stripe']['checkout']['sessions']['create']>[0]>;

/** Two clicks: one checkout. One that is open is closed first, so that nothing is paid for twice. */
async function openCheckout({ stripe }: Payments, wanted: Wanted): Promise<string> {
  const customer = wanted.customer ?? '';
  const earlier = await answered(stripe.checkout.sessions.list({ customer, limit: 20 }));
  const [latest] = earlier.data;
  const order = keyOf('checkout', wanted);
  const open = earlier.data.filter(({ status }) => status === 'open');
  const same = open.find(({ metadata }) => metadata?.['order'] === order);
  for (const { id } of open.filter(each => each !== same))
    await answered(stripe.checkout.sessions.expire(id));
  const session =
    same ??
    (await answered(
      stripe.checkout.sessions.create(
        { ...wanted, metadata: { order } },
        { idempotencyKey: keyOf(order, latest?.id ?? null) },
      ),
    ));
  if (session.url === null) throw errors.unavailable('payment service');
  return session.url;
}

const keyOf = (what: string, of: unknown): string =>
  createHash('sha256')
    .update(`${what} ${JSON.stringify(of)}`)
    .digest('hex');

/** @returns where cards and receipts are looked after @throws `conflict`; AppError `unavailable` */
export async function openPortal(
  { db, payments, publicUrl }: Till,
  { organizationId }: Acting,
  language: Language,
): Promise<string> {
  const row = await inOrganization(db, organizationId, tx => subscriptions.current(tx));
  if (row?.customerId == null) throw errors.conflict('Nothing has been paid for yet. Choose a plan first.');
  const { url } = await answered(
    payments.stripe.billingPortal.sessions.create({
      customer: row.customerId,
      return_url: publicUrl + PAGE,
      locale: language,
    }),
  );
  return url;
}

/**
 * Changes what is paid for: another plan at once, the difference put on the next invoice; free when the time that is paid
 * for is over.
 * @throws `conflict` where nothing is paid for; AppError `unavailable`
 */
export async function changePlan(till: Till, acting: Acting, plan: 'free' | PaidPlan): Promise<void> {
  const { db, payments } = till;
  const { organizationId } = acting;
  const { row, members } = await inOrganization(db, organizationId, async tx => ({
    row: await subscriptions.current(tx),
    members: await memberships.count(tx),
  }));
  if (row?.customerId == null || row.subscriptionId === null || row.itemId === null)
    throw errors.conflict('Nothing is paid for that could be changed. Choose a plan first.');
  const change =
    plan === 'free' || plan === row.plan
      ? { cancel_at_period_end: plan === 'free' }
      : {
          cancel_at_period_end: false,
          items: [{ id: row.itemId, price: payments.priceOf(plan), quantity: plan === 'team' ? members : 1 }],
          proration_behavior: 'create_prorations' as const,
        };
  await answered(payments.stripe.subscriptions.update(row.subscriptionId, change));
  await lookAgain(till, acting, row.customerId);
}

/** What was changed is known at once, whenever the event comes. */
async function lookAgain(till: Till, { organizationId, asked }: Acting, customerId: string): Promise<void> {
  const fetched = await unscoped(till.db, tx => stripeEvents.nextFetch(tx));
  const customer = await readCustomer(till, customerId);
  await inOrganization(till.db, organizationId, tx => takeDown(tx, customer, { fetched, asked }));
}
