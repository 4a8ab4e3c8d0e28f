import {
  audit,
  type Database,
  inOrganization,
  letters,
  organizations,
  stripeEvents,
  unscoped,
} from '@cratersync/db';
import type { Log } from '@cratersync/infra/runtime';
import Stripe from 'stripe';
import { errors, type Letter, type OrganizationId, organizationId } from '../protocol/index.ts';
import { type Customer, readCustomer } from './customer.ts';
import { answered, instant, type Payments } from './payments.ts';
import { graceEnd } from './standing.ts';
import { takeDown } from './take-down.ts';

/** How old a signature may be. */
const TOLERANCE_S = 300;

export interface Cashier {
  db: Database;
  payments: Payments;
  log: Log;
}

/** @param body as it came, to the byte @throws `bad_request` unless the payment service has signed it just now */
export function openEvent({ stripe, webhookSecret }: Payments, body: Buffer, signature = ''): Stripe.Event {
  try {
    return stripe.webhooks.constructEvent(body, signature, webhookSecret, TOLERANCE_S);
  } catch (error) {
    if (error instanceof Stripe.errors.StripeSignatureVerificationError || error instanceof SyntaxError)
      throw errors.badRequest(
        'it is not signed by the payment service with STRIPE_WEBHOOK_SECRET, or too long ago',
      );
    throw error;
  }
}

/** What an event is about. What it tells of that is not believed, only that it may have changed. */
const subject = (event: Stripe.Event) => {
  const object = event.data.object as {
    id?: string;
    customer?: string | { id: string } | null;
    metadata?: Record<string, string> | null;
  };
  const isCustomer = event.type.startsWith('customer.') && !event.type.startsWith('customer.subscription.');
  const { customer } = object;
  const customerId = isCustomer ? object.id : typeof customer === 'string' ? customer : customer?.id;
  return { id: object.id ?? '', customerId: customerId ?? null, metadata: object.metadata ?? {} };
};

const heeded: ReadonlySet<string> = new Set<Stripe.Event.Type>([
  'checkout.session.completed',
  'customer.deleted',
  'customer.subscription.created',
  'customer.subscription.updated',
  'customer.subscription.deleted',
  'customer.subscription.paused',
  'customer.subscription.resumed',
  'customer.subscription.trial_will_end',
  'invoice.paid',
  'invoice.payment_failed',
]);

/**
 * Deals with an event once, however often and in whichever order they come: what it is about is asked for anew, and
 * written down in one transaction with its id.
 * @throws AppError `unavailable`: the payment service sends it again
 */
export async function receiveEvent(cashier: Cashier, event: Stripe.Event): Promise<void> {
  const { db } = cashier;
  const { id, customerId, metadata } = subject(event);
  if (!heeded.has(event.type) || customerId === null) return;
  if (await unscoped(db, tx => stripeEvents.isKnown(tx, event.id))) return;
  const fetched = await unscoped(db, tx => stripeEvents.nextFetch(tx));
  const customer = await readCustomer(cashier, customerId);
  const owner = customer.organizationId ?? whoseWas(event, metadata);
  if (owner === null) {
    await unscoped(db, tx => stripeEvents.note(tx, event));
    return;
  }
  const invoice = event.type.startsWith('invoice.')
    ? await answered(cashier.payments.stripe.invoices.retrieve(id))
    : null;
  await inOrganization(db, owner, async tx => {
    if (!(await stripeEvents.note(tx, event))) return;
    const organization = await organizations.nameIfThere(tx);
    // Of another installation, or erased.
    if (organization === null) return;
    await takeDown(tx, customer, { fetched, asked: audit.nobody });
    const letter = letterOf(event, customer, { organization, invoice });
    if (letter !== null) await letters.queueForOwners(tx, letter, { key: `${event.type}:${id}` });
  });
}

/** A customer that is gone can't be asked any more whose it was. */
function whoseWas(event: Stripe.Event, metadata: Record<string, string>): OrganizationId | null {
  if (event.type !== 'customer.deleted') return null;
  const parsed = organizationId.safeParse(metadata['organizationId']);
  return parsed.success ? parsed.data : null;
}

function letterOf(
  event: Stripe.Event,
  { told }: Customer,
  { organization, invoice }: { organization: string; invoice: Stripe.Invoice | null },
): Letter | null {
  if (event.type === 'invoice.paid' && invoice?.status === 'paid' && invoice.amount_paid > 0)
    return {
      ...{ kind: 'receipt', organization, number: invoice.number ?? invoice.id ?? '' },
      ...{ amount: invoice.amount_paid, currency: invoice.currency },
      paidAt: instant(invoice.status_transitions.paid_at ?? invoice.created),
    };
  // Paid meanwhile: no reason to worry anybody.
  if (event.type === 'invoice.payment_failed' && invoice?.status === 'open')
    return {
      ...{ kind: 'payment-failed', organization, amount: invoice.amount_due, currency: invoice.currency },
      graceEndsAt: graceEnd(told.pastDueSince ?? instant(invoice.created)),
    };
  if (event.type !== 'customer.subscription.trial_will_end' || told.plan === null) return null;
  if (told.status !== 'trialing' || told.endsAt !== null || told.trialEndsAt === null) return null;
  return { kind: 'trial-ending', organization, plan: told.plan, trialEndsAt: told.trialEndsAt };
}
