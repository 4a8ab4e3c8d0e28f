import type { Log } from '@cratersync/infra/runtime';
import { type PaidPlan, rest } from '../protocol/index.ts';
import type { Payments } from './payments.ts';

const FRESH_MS = 3_600_000;
/** The page is shown without them rather than late. */
const TIMEOUT_MS = 2_000;

type Price = NonNullable<rest.PlanOffer['price']>;

/** What plans cost, as the payment service told it last; asked for once an hour. */
export class Prices {
  readonly #payments: Payments;
  readonly #log: Log;
  readonly #known = new Map<PaidPlan, { price: Price | null; atMs: number }>();

  constructor({ payments, log }: { payments: Payments; log: Log }) {
    this.#payments = payments;
    this.#log = log;
  }

  /** @returns null while nobody has told it yet */
  async of(plan: PaidPlan): Promise<Price | null> {
    const known = this.#known.get(plan);
    if (known !== undefined && Date.now() - known.atMs < FRESH_MS) return known.price;
    try {
      const { stripe, priceOf } = this.#payments;
      const quickly = { timeout: TIMEOUT_MS, maxNetworkRetries: 0 };
      const { unit_amount, currency, recurring } = await stripe.prices.retrieve(priceOf(plan), {}, quickly);
      const told = { amount: unit_amount, currency, interval: recurring?.interval };
      const price = rest.planOffer.shape.price.catch(null).parse(told);
      this.#known.set(plan, { price, atMs: Date.now() });
      return price;
    } catch (error) {
      this.#log.warn({ err: error, plan }, 'the price of a plan is not known just now');
      return known?.price ?? null;
    }
  }
}
