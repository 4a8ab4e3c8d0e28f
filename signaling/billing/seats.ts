import { inOrganization, memberships, subscriptions } from '@cratersync/db';
import type { OrganizationId } from '../protocol/index.ts';
import type { Cashier } from './events.ts';
import { answered, answeredIfThere } from './payments.ts';
import { isLive } from './standing.ts';

/** More often than members come and go while one change is made. */
const MOST_ROUNDS = 10;

/**
 * Makes the seats that are paid for those of the members; what that costs or saves is put on the next invoice, by the day.
 * After each change it looks again: two workers at once end at the same number.
 * @throws AppError `unavailable`: the queue tries again
 */
export async function followSeats(
  { db, payments: { stripe, planOf } }: Pick<Cashier, 'db' | 'payments'>,
  organizationId: OrganizationId,
): Promise<void> {
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const { row, members } = await inOrganization(db, organizationId, async tx => ({
      row: await subscriptions.current(tx),
      members: await memberships.count(tx),
    }));
    if (row?.subscriptionId == null) return;
    const subscription = await answeredIfThere(stripe.subscriptions.retrieve(row.subscriptionId));
    if (subscription === null || !isLive(subscription.status)) return;
    const item = subscription.items.data.find(({ price }) => planOf(price.id) === 'team');
    if (item === undefined || item.quantity === members) return;
    await answered(
      stripe.subscriptions.update(subscription.id, {
        items: [{ id: item.id, quantity: members }],
        proration_behavior: 'create_prorations',
      }),
    );
  }
  throw new Error('the members changed faster than their seats');
}
