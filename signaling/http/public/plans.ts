import type { Prices } from '../../billing/prices.ts';
import { type Language, type PlanName, planName, plans } from '../../protocol/index.ts';
import { texts } from './layout.ts';
import type { Known } from './texts.ts';

/** Every plan with its limits, and what it costs as the payment service says. */
export const offersOf = (prices: Prices, language: Language): Promise<Known['plans']> =>
  Promise.all(
    planName.options.map(async plan => ({
      plan,
      limits: plans[plan],
      cost: await costOf(plan, prices, language),
    })),
  );

async function costOf(plan: PlanName, prices: Prices, language: Language): Promise<string> {
  const { free, agreed, unknown, paid } = texts[language].words.costs;
  if (plan === 'free') return free;
  if (plan === 'enterprise') return agreed;
  const price = await prices.of(plan);
  if (price === null) return unknown;
  const style = new Intl.NumberFormat(language, { style: 'currency', currency: price.currency });
  // The smallest unit of a currency is not always a hundredth.
  const digits = style.resolvedOptions().maximumFractionDigits ?? 2;
  const amount = style.format(price.amount / 10 ** digits);
  return paid(amount, { byMonth: price.interval === 'month', byMember: plan === 'team' });
}
