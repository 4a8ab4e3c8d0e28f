import { randomBytes } from 'node:crypto';

/** What Stripe keeps, in the shapes of its public API (https://docs.stripe.com/api), as far as a subscription needs it. */

export interface Price {
  id: string;
  object: 'price';
  currency: string;
  unit_amount: number;
  recurring: { interval: 'month'; interval_count: 1 };
  product: string;
}
export interface Item {
  id: string;
  object: 'subscription_item';
  price: Price;
  quantity: number;
  current_period_start: number;
  current_period_end: number;
}
export interface Subscription {
  id: string;
  object: 'subscription';
  customer: string;
  status: 'trialing' | 'active' | 'past_due' | 'canceled' | 'unpaid' | 'paused';
  created: number;
  cancel_at: number | null;
  cancel_at_period_end: boolean;
  trial_end: number | null;
  metadata: Record<string, string>;
  items: { object: 'list'; data: Item[]; has_more: false };
  latest_invoice: string | null;
}
export interface Invoice {
  id: string;
  object: 'invoice';
  number: string;
  customer: string;
  subscription: string;
  status: 'open' | 'paid' | 'void';
  created: number;
  currency: string;
  amount_due: number;
  amount_paid: number;
  lines: { description: string; amount: number }[];
  status_transitions: { finalized_at: number; paid_at: number | null };
}
export interface Customer {
  id: string;
  object: 'customer';
  created: number;
  email: string | null;
  name: string | null;
  metadata: Record<string, string>;
}
export interface CheckoutSession {
  id: string;
  object: 'checkout.session';
  created: number;
  status: 'open' | 'complete' | 'expired';
  url: string | null;
  customer: string;
  metadata: Record<string, string>;
  success_url: string;
  cancel_url: string;
  line_items: { price: string; quantity: number }[];
  subscription: string | null;
  trial_period_days: number | null;
  subscription_metadata: Record<string, string>;
}
export interface StripeEvent {
  id: string;
  object: 'event';
  type: string;
  created: number;
  api_version: string;
  livemode: false;
  data: { object: object };
}

const DAY_S = 24 * 3600;
const PERIOD_S = 30 * DAY_S;

export class StripeBooks {
  readonly prices = new Map<string, Price>();
  readonly customers = new Map<string, Customer>();
  readonly subscriptions = new Map<string, Subscription>();
  readonly invoices = new Map<string, Invoice>();
  readonly checkouts = new Map<string, CheckoutSession>();
  /** All that happened, the oldest first. */
  readonly events: StripeEvent[] = [];
  onEvent: (event: StripeEvent) => void = () => {};
  /** What changes within a period cost or save: it is put on the next invoice. */
  readonly #pending: { subscription: string; description: string; amount: number }[] = [];
  #numbers = 0;

  /** Ids grow, as created ones are listed by them. */
  id(prefix: string): string {
    this.#numbers += 1;
    return `${prefix}_${String(this.#numbers).padStart(6, '0')}${randomBytes(5).toString('hex')}`;
  }

  readonly nowS = (): number => Math.floor(Date.now() / 1000);

  emit(type: string, object: object): void {
    const event: StripeEvent = {
      ...{ id: this.id('evt'), object: 'event', type, created: this.nowS() },
      ...{ api_version: '2026-10-28.endive', livemode: false, data: { object: structuredClone(object) } },
    };
    this.events.push(event);
    this.onEvent(event);
  }

  addPrice(id: string, unitAmount: number, currency = 'eur'): void {
    this.prices.set(id, {
      ...{ id, object: 'price', currency, unit_amount: unitAmount, product: `prod_${id}` },
      recurring: { interval: 'month', interval_count: 1 },
    });
  }

  price(id: string): Price {
    const price = this.prices.get(id);
    if (price === undefined) throw new Error(`there is no price ${id}`);
    return price;
  }

  /** Somebody has given a card at Stripe's own page. */
  complete(checkout: CheckoutSession): Subscription {
    const now = this.nowS();
    const { customer, trial_period_days: days } = checkout;
    const trialEnd = days === null ? null : now + days * DAY_S;
    const id = this.id('sub');
    const data = checkout.line_items.map(({ price, quantity }) => ({
      ...{ id: this.id('si'), object: 'subscription_item' as const, price: this.price(price), quantity },
      ...{ current_period_start: now, current_period_end: trialEnd ?? now + PERIOD_S },
    }));
    const subscription: Subscription = {
      ...{ id, object: 'subscription', customer, status: trialEnd === null ? 'active' : 'trialing' },
      ...{ created: now, cancel_at: null, cancel_at_period_end: false, trial_end: trialEnd },
      ...{ metadata: checkout.subscription_metadata, latest_invoice: null },
      items: { object: 'list', data, has_more: false },
    };
    this.subscriptions.set(id, subscription);
    Object.assign(checkout, { status: 'complete', url: null, subscription: id });
    this.emit('customer.subscription.created', subscription);
    this.#bill(subscription, { isPaid: true });
    this.emit('checkout.session.completed', checkout);
    return subscription;
  }

  /** The next period begins, also after a trial. */
  renew(subscription: Subscription, { isPaid }: { isPaid: boolean }): Invoice {
    for (const item of subscription.items.data) {
      item.current_period_start = item.current_period_end;
      item.current_period_end += PERIOD_S;
    }
    subscription.status = isPaid ? 'active' : 'past_due';
    const invoice = this.#bill(subscription, { isPaid });
    this.emit('customer.subscription.updated', subscription);
    return invoice;
  }

  #bill(subscription: Subscription, { isPaid }: { isPaid: boolean }): Invoice {
    const isTrial = subscription.status === 'trialing';
    const own = this.#pending.filter(each => each.subscription === subscription.id);
    for (const each of own) this.#pending.splice(this.#pending.indexOf(each), 1);
    const lines = subscription.items.data.map(({ price, quantity }) => ({
      description: `${quantity} × ${price.id}`,
      amount: isTrial ? 0 : price.unit_amount * quantity,
    }));
    lines.push(...own.map(({ description, amount }) => ({ description, amount })));
    const due = lines.reduce((sum, { amount }) => sum + amount, 0);
    const now = this.nowS();
    const invoice: Invoice = {
      ...{ id: this.id('in'), object: 'invoice', number: `CRATER-${this.#numbers}` },
      ...{ customer: subscription.customer, subscription: subscription.id, status: 'open', created: now },
      ...{ currency: 'eur', amount_due: due, amount_paid: 0, lines },
      status_transitions: { finalized_at: now, paid_at: null },
    };
    this.invoices.set(invoice.id, invoice);
    subscription.latest_invoice = invoice.id;
    if (isPaid) this.#paid(invoice);
    else this.emit('invoice.payment_failed', invoice);
    return invoice;
  }

  #paid(invoice: Invoice): void {
    Object.assign(invoice, { status: 'paid', amount_paid: invoice.amount_due });
    invoice.status_transitions.paid_at = this.nowS();
    this.emit('invoice.paid', invoice);
  }

  /** Somebody has given another card, and it was charged. */
  pay(invoice: Invoice): void {
    this.#paid(invoice);
    const subscription = this.subscriptions.get(invoice.subscription);
    if (subscription?.status !== 'past_due') return;
    subscription.status = 'active';
    this.emit('customer.subscription.updated', subscription);
  }

  cancel(subscription: Subscription): void {
    subscription.status = 'canceled';
    this.emit('customer.subscription.deleted', subscription);
  }

  /** @param change of one line; what is undefined stays */
  changeItem(
    subscription: Subscription,
    item: Item,
    change: { price: string | undefined; quantity: number | undefined; prorates: boolean },
  ): void {
    const before = item.price.unit_amount * item.quantity;
    if (change.price !== undefined) item.price = this.price(change.price);
    item.quantity = change.quantity ?? item.quantity;
    const difference = item.price.unit_amount * item.quantity - before;
    if (!change.prorates || subscription.status === 'trialing' || difference === 0) return;
    const { current_period_start: start, current_period_end: end } = item;
    const left = Math.min(1, Math.max(0, (end - this.nowS()) / (end - start)));
    this.#pending.push({
      ...{ subscription: subscription.id, amount: Math.round(difference * left) },
      description: `Remaining time: ${item.quantity} × ${item.price.id}`,
    });
  }
}
