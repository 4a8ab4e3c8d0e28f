import Stripe from 'stripe';
import { errors, type PaidPlan, paidPlan } from '../protocol/index.ts';
import type { BillingConfig } from './config.ts';

/** A person waits for the answer. */
const TIMEOUT_MS = 8_000;

/** The payment service, and what is sold there. */
export interface Payments {
  stripe: Stripe;
  webhookSecret: string;
  /** What a new subscription to a plan costs. */
  priceOf(plan: PaidPlan): string;
  /** @returns null for a price of something else */
  planOf(priceId: string): PaidPlan | null;
}

export function openPayments({ secretKey, webhookSecret, prices, apiBase }: BillingConfig): Payments {
  const base = apiBase === null ? null : new URL(apiBase);
  const stripe = new Stripe(secretKey, {
    timeout: TIMEOUT_MS,
    // Each attempt of one request bears the same Idempotency-Key.
    maxNetworkRetries: 1,
    telemetry: false,
    ...(base !== null && {
      protocol: base.protocol === 'https:' ? 'https' : 'http',
      host: base.hostname,
      ...(base.port !== '' && { port: base.port }),
    }),
  });
  return {
    stripe,
    webhookSecret,
    priceOf: plan => prices[plan][0] ?? '',
    planOf: priceId => paidPlan.options.find(plan => prices[plan].includes(priceId)) ?? null,
  };
}

const { StripeAPIError, StripeConnectionError, StripeIdempotencyError, StripeRateLimitError } = Stripe.errors;
const passing = [StripeAPIError, StripeConnectionError, StripeIdempotencyError, StripeRateLimitError];

/**
 * What the payment service answers. Whatever it refuses for good is a fault of ours, and thrown as it is.
 * @throws AppError `unavailable` when it is away, too slow, or asked too often
 */
export async function answered<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (passing.some(kind => error instanceof kind)) throw errors.unavailable('payment service', error);
    throw error;
  }
}

/** The same of what may be gone. @returns null when there is no such thing (any more) @throws as `answered` does */
export const answeredIfThere = <T>(answer: Promise<T>): Promise<T | null> =>
  answered(answer).catch((error: unknown) => {
    if (error instanceof Stripe.errors.StripeInvalidRequestError && error.code === 'resource_missing')
      return null;
    throw error;
  });

/** @param s since 1970, as the payment service tells time */
export const instant = (s: number): Date => new Date(s * 1000);
