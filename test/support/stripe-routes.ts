import type { CheckoutSession, Customer, StripeBooks, Subscription } from './stripe-books.ts';
import { type Form, listOf, numberOf, partOf, textOf, wordsOf } from './stripe-form.ts';

export interface Answer {
  status: number;
  body: object;
  isReplayed?: boolean;
}

export const refused = (status: number, type: string, message: string, code?: string): Answer => ({
  status,
  body: { error: { type, message, ...(code !== undefined && { code }) } },
});
const missing = (what: string, id: string) =>
  refused(404, 'invalid_request_error', `No such ${what}: '${id}'`, 'resource_missing');
const ok = (body: object): Answer => ({ status: 200, body });
const list = (url: string, data: object[]): Answer => ok({ object: 'list', url, has_more: false, data });

interface Around {
  books: StripeBooks;
  /** Where the pages are that people are sent to. */
  pages: string;
}
type Route = (around: Around, form: Form, id: string) => Answer;

/** What each takes; anything else is refused, as Stripe does. */
const takes: Record<string, string> = {
  'POST /v1/customers': 'email name metadata',
  'GET /v1/customers/ID': 'expand',
  'POST /v1/checkout/sessions':
    'mode customer client_reference_id line_items subscription_data locale success_url cancel_url metadata',
  'GET /v1/checkout/sessions': 'customer status limit',
  'POST /v1/checkout/sessions/ID/expire': '',
  'POST /v1/billing_portal/sessions': 'customer return_url locale',
  'GET /v1/subscriptions/ID': 'expand',
  'POST /v1/subscriptions/ID': 'items proration_behavior cancel_at_period_end metadata',
  'GET /v1/invoices': 'subscription customer status limit',
  'GET /v1/invoices/ID': 'expand',
  'GET /v1/prices/ID': 'expand',
};

const routes: Record<string, Route> = {
  'POST /v1/customers': ({ books }, form) => {
    const customer: Customer = {
      ...{ id: books.id('cus'), object: 'customer', created: books.nowS() },
      ...{ email: textOf(form, 'email') ?? null, name: textOf(form, 'name') ?? null },
      metadata: wordsOf(partOf(form, 'metadata')),
    };
    books.customers.set(customer.id, customer);
    return ok(customer);
  },
  'GET /v1/customers/ID': ({ books }, form, id) => {
    const customer = books.customers.get(id);
    if (customer === undefined) return missing('customer', id);
    if (!Object.values(partOf(form, 'expand')).includes('subscriptions')) return ok(customer);
    // Those that are over are not among them.
    const data = [...books.subscriptions.values()].filter(
      each => each.customer === id && each.status !== 'canceled',
    );
    const url = `/v1/customers/${id}/subscriptions`;
    return ok({ ...customer, subscriptions: { object: 'list', url, has_more: false, data } });
  },
  'POST /v1/checkout/sessions': openCheckout,
  'GET /v1/checkout/sessions': ({ books }, form) =>
    list(
      '/v1/checkout/sessions',
      [...books.checkouts.values()]
        .filter(({ customer }) => customer === textOf(form, 'customer'))
        .filter(({ status }) => status === (textOf(form, 'status') ?? status))
        .toReversed(),
    ),
  'POST /v1/checkout/sessions/ID/expire': ({ books }, _form, id) => {
    const checkout = books.checkouts.get(id);
    if (checkout === undefined) return missing('checkout.session', id);
    if (checkout.status !== 'open')
      return refused(400, 'invalid_request_error', 'Only Checkout Sessions with a status of open can expire');
    return ok(Object.assign(checkout, { status: 'expired', url: null }));
  },
  'POST /v1/billing_portal/sessions': ({ books, pages }, form) => {
    const customer = textOf(form, 'customer') ?? '';
    if (!books.customers.has(customer)) return missing('customer', customer);
    const url = `${pages}/portal/${customer}`;
    return ok({ id: books.id('bps'), object: 'billing_portal.session', customer, url });
  },
  'GET /v1/subscriptions/ID': ({ books }, _form, id) => {
    const subscription = books.subscriptions.get(id);
    return subscription === undefined ? missing('subscription', id) : ok(subscription);
  },
  'POST /v1/subscriptions/ID': changeSubscription,
  'GET /v1/invoices': ({ books }, form) =>
    list(
      '/v1/invoices',
      [...books.invoices.values()]
        .filter(({ subscription }) => subscription === (textOf(form, 'subscription') ?? subscription))
        .filter(({ status }) => status === (textOf(form, 'status') ?? status))
        .toReversed(),
    ),
  'GET /v1/invoices/ID': ({ books }, _form, id) => {
    const invoice = books.invoices.get(id);
    return invoice === undefined ? missing('invoice', id) : ok(invoice);
  },
  'DELETE /v1/subscriptions/ID': ({ books }, _form, id) => {
    const subscription = books.subscriptions.get(id);
    if (subscription === undefined || subscription.status === 'canceled') return missing('subscription', id);
    books.cancel(subscription);
    return ok(subscription);
  },
  'GET /v1/prices/ID': ({ books }, _form, id) => {
    const price = books.prices.get(id);
    return price === undefined ? missing('price', id) : ok(price);
  },
};

/** @param what `GET /v1/customers/cus_1` */
export function answerOf(around: Around, what: string, form: Form): Answer {
  const [, id = ''] = /\/((?:cus|sub|in|price|cs)_\w+)/.exec(what) ?? [];
  const name = id === '' ? what : what.replace(id, 'ID');
  const route = routes[name];
  if (route === undefined) return refused(404, 'invalid_request_error', `Unrecognized request URL (${what})`);
  const unknown = Object.keys(form).find(each => !(takes[name] ?? '').split(' ').includes(each));
  if (unknown !== undefined)
    return refused(
      400,
      'invalid_request_error',
      `Received unknown parameter: ${unknown}`,
      'parameter_unknown',
    );
  return route(around, form, id);
}

function openCheckout({ books, pages }: Around, form: Form): Answer {
  const customer = textOf(form, 'customer') ?? '';
  if (!books.customers.has(customer)) return missing('customer', customer);
  const lines = listOf(form, 'line_items').map(line => ({
    price: textOf(line, 'price') ?? '',
    quantity: numberOf(line, 'quantity') ?? 1,
  }));
  const stranger = lines.find(({ price }) => !books.prices.has(price));
  if (stranger !== undefined) return missing('price', stranger.price);
  const id = books.id('cs_test');
  const data = partOf(form, 'subscription_data');
  const checkout: CheckoutSession = {
    ...{ id, object: 'checkout.session', created: books.nowS(), status: 'open', url: `${pages}/pay/${id}` },
    ...{ customer, metadata: wordsOf(partOf(form, 'metadata')), line_items: lines, subscription: null },
    ...{ success_url: textOf(form, 'success_url') ?? '', cancel_url: textOf(form, 'cancel_url') ?? '' },
    trial_period_days: numberOf(data, 'trial_period_days') ?? null,
    subscription_metadata: wordsOf(partOf(data, 'metadata')),
  };
  books.checkouts.set(id, checkout);
  return ok(checkout);
}

function changeSubscription({ books }: Around, form: Form, id: string): Answer {
  const subscription = books.subscriptions.get(id);
  if (subscription === undefined || subscription.status === 'canceled') return missing('subscription', id);
  const prorates = textOf(form, 'proration_behavior') !== 'none';
  for (const change of listOf(form, 'items')) {
    const item = subscription.items.data.find(each => each.id === textOf(change, 'id'));
    if (item === undefined) return missing('subscription_item', textOf(change, 'id') ?? '');
    const [price, quantity] = [textOf(change, 'price'), numberOf(change, 'quantity')];
    books.changeItem(subscription, item, { price, quantity, prorates });
  }
  endWithPeriod(subscription, textOf(form, 'cancel_at_period_end'));
  books.emit('customer.subscription.updated', subscription);
  return ok(subscription);
}

function endWithPeriod(subscription: Subscription, wanted: string | undefined): void {
  if (wanted === undefined) return;
  subscription.cancel_at_period_end = wanted === 'true';
  const end = subscription.items.data[0]?.current_period_end ?? null;
  subscription.cancel_at = subscription.cancel_at_period_end ? end : null;
}
