import type { CheckoutSession, StripeBooks } from './stripe-books.ts';

const page = (title: string, body: string) =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><title>${title}</title><h1>${title}</h1>${body}</html>`;

/** Where somebody gives a card. */
export const checkoutPage = (checkout: CheckoutSession): string =>
  page(
    'Pay',
    `<p>${checkout.line_items.map(({ price, quantity }) => `${quantity} × ${price}`).join(', ')}</p>
     <form method="post"><button>Subscribe</button></form><a href="${checkout.cancel_url}">Back</a>`,
  );

/** @param customer whose portal it is */
export function portalPage(books: StripeBooks, customer: string): string {
  const invoices = [...books.invoices.values()].filter(each => each.customer === customer);
  return page('Billing portal', `<ul>${invoices.map(({ number }) => `<li>${number}</li>`).join('')}</ul>`);
}
