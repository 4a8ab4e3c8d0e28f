import type { PaidPlan, SubscriptionStatus } from '@cratersync/signaling/protocol';
import type { Tx } from './database.ts';
import { enqueue } from './jobs.ts';
import { setPlanRetention } from './keeping.ts';

/** What an organization pays for, as the payment service last told it, and what the operator has granted beside it. */
export interface Subscription {
  customerId: string | null;
  subscriptionId: string | null;
  /** Of the subscription's one line. */
  itemId: string | null;
  plan: PaidPlan | null;
  status: SubscriptionStatus | null;
  seats: number;
  renewsAt: Date | null;
  trialEndsAt: Date | null;
  /** It ends then, and is not renewed. */
  endsAt: Date | null;
  pastDueSince: Date | null;
  hadTrial: boolean;
  enterpriseSeats: number | null;
  enterpriseUntil: Date | null;
  /** Which look at the payment service it is from; 0: none. */
  fetched: number;
}

/** What the payment service tells of a customer; without a subscription, everything of it is null. */
export type Told = Omit<Subscription, 'hadTrial' | 'enterpriseSeats' | 'enterpriseUntil' | 'fetched'>;

const columns = `customer_id AS "customerId", subscription_id AS "subscriptionId", item_id AS "itemId", plan, status, seats,
  renews_at AS "renewsAt", trial_ends_at AS "trialEndsAt", ends_at AS "endsAt", past_due_since AS "pastDueSince",
  had_trial AS "hadTrial", enterprise_seats AS "enterpriseSeats", enterprise_until AS "enterpriseUntil",
  fetched`;

/** @returns null for an organization that has never paid */
export const current = (tx: Tx): Promise<Subscription | null> =>
  tx.first(`SELECT ${columns} FROM app.subscriptions`);

/** The row, made if there is none, held for the rest of the transaction. */
export async function hold(tx: Tx): Promise<Subscription> {
  await tx.change('INSERT INTO app.subscriptions (organization_id) VALUES ($1) ON CONFLICT DO NOTHING', [
    tx.scope.organizationId,
  ]);
  return tx.one(`SELECT ${columns} FROM app.subscriptions FOR UPDATE`);
}

/** Which customer it is, from now on; the first one stays. @returns that one */
export async function setCustomer(tx: Tx, customerId: string): Promise<string> {
  await hold(tx);
  const row = await tx.one<{ customerId: string }>(
    `UPDATE app.subscriptions SET customer_id = coalesce(customer_id, $1) RETURNING customer_id AS "customerId"`,
    [customerId],
  );
  return row.customerId;
}

/** @param fetched which look at the payment service it is from */
export async function set(tx: Tx, told: Told, fetched: number): Promise<void> {
  await tx.change(
    `UPDATE app.subscriptions SET customer_id = $1, subscription_id = $2, item_id = $3, plan = $4, status = $5,
       seats = $6, renews_at = $7, trial_ends_at = $8, ends_at = $9, past_due_since = $10,
       had_trial = had_trial OR $8::timestamptz IS NOT NULL, fetched = $11`,
    [
      told.customerId,
      told.subscriptionId,
      told.itemId,
      told.plan,
      told.status,
      told.seats,
      told.renewsAt,
      told.trialEndsAt,
      told.endsAt,
      told.pastDueSince,
      fetched,
    ],
  );
}

/** What the operator grants; null takes it back. */
export async function setEnterprise(tx: Tx, granted: { seats: number; until: Date } | null): Promise<void> {
  await hold(tx);
  await tx.change('UPDATE app.subscriptions SET enterprise_seats = $1, enterprise_until = $2', [
    granted?.seats ?? null,
    granted?.until ?? null,
  ]);
  // What holds without the grant is for the worker to say, who knows whether billing is on.
  if (granted === null) await enqueue(tx, 'apply-retention', {});
  else await setPlanRetention(tx, null);
}

/** Somebody has become a member, or is none any more: where seats are paid for, they follow. */
export async function membersChanged(tx: Tx): Promise<void> {
  const paid = await tx.first(`SELECT FROM app.subscriptions WHERE plan = 'team'`);
  if (paid !== null) await followSeats(tx);
}

export const followSeats = (tx: Tx): Promise<void> => enqueue(tx, 'follow-seats', {}, { key: 'seats' });

/** Has somebody look, in so long, whether the hours of the plan are used up. */
export const watchHours = (tx: Tx, inMs: number): Promise<void> =>
  enqueue(tx, 'watch-hours', {}, { key: 'hours', inMs });

/** @param month when it began @returns false when the owners were told before */
export async function tellHours(tx: Tx, month: Date): Promise<boolean> {
  const told = await tx.change(
    'UPDATE app.subscriptions SET hours_told = $1 WHERE hours_told IS DISTINCT FROM $1',
    [month],
  );
  return told === 1;
}
