import { ConfigError } from '@cratersync/infra/runtime';
import { z } from 'zod';

/** One price, or several: what is sold now first, then what it was sold for before. */
const prices = z.string().regex(/^[\w-]+(,[\w-]+)*$/, 'ids of prices, with commas between');

/** The environment of a process that asks Stripe; the table in README.md says what each means. */
export const billingShape = {
  STRIPE_SECRET_KEY: z
    .string()
    .regex(/^(sk|rk)_\w+$/, 'a secret or restricted key (sk_…, rk_…)')
    .optional(),
  STRIPE_WEBHOOK_SECRET: z
    .string()
    .regex(/^whsec_\w+$/, 'a signing secret (whsec_…)')
    .optional(),
  STRIPE_PRICE_PRO: prices.optional(),
  STRIPE_PRICE_TEAM: prices.optional(),
  /** Another server that speaks Stripe's API: for tests. */
  STRIPE_API_BASE: z.url({ protocol: /^https?$/ }).optional(),
};
type BillingEnvironment = z.output<z.ZodObject<typeof billingShape>>;

export interface BillingConfig {
  secretKey: string;
  webhookSecret: string;
  /** What is sold now first. */
  prices: { pro: string[]; team: string[] };
  apiBase: string | null;
}

/**
 * All of it, or nothing: without, CraterSync is whole, and nobody pays.
 * @throws ConfigError naming what is missing
 */
export function billingConfig(env: Partial<BillingEnvironment>): BillingConfig | null {
  const needed = {
    STRIPE_SECRET_KEY: env.STRIPE_SECRET_KEY,
    STRIPE_WEBHOOK_SECRET: env.STRIPE_WEBHOOK_SECRET,
    STRIPE_PRICE_PRO: env.STRIPE_PRICE_PRO,
    STRIPE_PRICE_TEAM: env.STRIPE_PRICE_TEAM,
  };
  const missing = Object.entries(needed).filter(([, value]) => value === undefined);
  if (missing.length === Object.keys(needed).length) return null;
  if (missing.length > 0)
    throw new ConfigError(
      missing.map(
        ([name]) => `${name} is not set: for billing, set all of ${Object.keys(needed).join(', ')}`,
      ),
    );
  return {
    secretKey: needed.STRIPE_SECRET_KEY ?? '',
    webhookSecret: needed.STRIPE_WEBHOOK_SECRET ?? '',
    prices: {
      pro: (needed.STRIPE_PRICE_PRO ?? '').split(','),
      team: (needed.STRIPE_PRICE_TEAM ?? '').split(','),
    },
    apiBase: env.STRIPE_API_BASE ?? null,
  };
}
