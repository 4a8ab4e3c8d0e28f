import { ConfigError } from '@cratersync/infra/runtime';
import { z } from 'zod';

/** One price, or several: what is sold now first, then what it was sold for before. */
const prices = z.string().regex(/^[\w-]+(,[\w-]+)*$/, 'ids of prices, with commas between');

/** The environment of a process that asks Stripe; the table in README.md says what each means. */
export const billingShape = {
  STRIPE_SECRET_KEY: z
    .string()
    .regex(/^(sk|rk)_\w+$/, 'a secret or restricted key (sk_…, rk_…)')
    .optional()
    .meta({
      description: 'billing; all of STRIPE_* or none. [docs/billing.md](docs/billing.md)',
      shown: 'none: no plans, no limits',
    }),
  STRIPE_WEBHOOK_SECRET: z
    .string()
    .regex(/^whsec_\w+$/, 'a signing secret (whsec_…)')
    .optional()
    .describe('signs what Stripe tells us'),
  STRIPE_PRICE_PRO: prices.optional().describe('the price of Pro there, the current one first'),
  STRIPE_PRICE_TEAM: prices.optional().describe('and of Team'),
  STRIPE_API_BASE: z
    .url({ protocol: /^https?$/ })
    .optional()
    .meta({ description: 'another server that speaks Stripe’s API, for tests', shown: 'Stripe’s' }),
};
type BillingEnvironment = z.output<z.ZodObject<typeof billingShape>>;

export interface BillingConfig {
  secretKey: string;
  /** Empty where nothing is told. */
  webhookSecret: string;
  /** What is sold now first. */
  prices: { pro: string[]; team: string[] };
  apiBase: string | null;
}

/**
 * All of it, or nothing: without, CraterSync is whole, and nobody pays.
 * @param isTold the payment service tells this process of what happens, so it needs the secret that this is signed with
 * @throws ConfigError naming what is missing
 */
export function billingConfig(
  env: Partial<BillingEnvironment>,
  { isTold }: { isTold: boolean },
): BillingConfig | null {
  const { STRIPE_SECRET_KEY: secretKey, STRIPE_PRICE_PRO: pro, STRIPE_PRICE_TEAM: team } = env;
  const webhookSecret = isTold ? env.STRIPE_WEBHOOK_SECRET : '';
  const needed = {
    ...{ STRIPE_SECRET_KEY: secretKey, STRIPE_PRICE_PRO: pro, STRIPE_PRICE_TEAM: team },
    ...(isTold && { STRIPE_WEBHOOK_SECRET: webhookSecret }),
  };
  const missing = Object.entries(needed).filter(([, value]) => value === undefined);
  if (missing.length === Object.keys(needed).length) return null;
  if (secretKey === undefined || webhookSecret === undefined || pro === undefined || team === undefined)
    throw new ConfigError(
      missing.map(
        ([name]) => `${name} is not set: for billing, set all of ${Object.keys(needed).join(', ')}`,
      ),
    );
  const prices = { pro: pro.split(','), team: team.split(',') };
  return { secretKey, webhookSecret, prices, apiBase: env.STRIPE_API_BASE ?? null };
}
