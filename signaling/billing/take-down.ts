import { audit, memberships, type OrganizationTx, subscriptions } from '@cratersync/db';
import { type Asked, type AuditedAction, entry } from '../audit/asked.ts';
import type { Customer } from './customer.ts';
import { isLive, PlanLimits, paidFor } from './standing.ts';

/**
 * Writes down what a customer pays for, what follows for how long recordings are kept, and in the audit log what has changed. In whichever order it is called, what was
 * looked at last stands.
 * @param fetched the number of the look, taken before it began
 */
export async function takeDown(
  tx: OrganizationTx,
  { customerId, told }: Pick<Customer, 'customerId' | 'told'>,
  { fetched, asked }: { fetched: number; asked: Asked },
): Promise<void> {
  const before = await subscriptions.hold(tx);
  if (before.fetched >= fetched) return;
  // A customer that was made twice, of whom the other one was kept.
  if (before.customerId !== null && before.customerId !== customerId) return;
  await subscriptions.set(tx, told, fetched);
  await new PlanLimits(true).follow(tx);
  const target = { kind: 'organization', id: tx.scope.organizationId } as const;
  for (const [action, details] of changes(before, told))
    await audit.append(tx, entry(asked, action, target, details));
  if (told.plan === 'team' && isLive(told.status) && told.seats !== (await memberships.count(tx)))
    await subscriptions.followSeats(tx);
}

type Change = [AuditedAction, audit.Done['details']];

function changes(before: subscriptions.Told, after: subscriptions.Told): Change[] {
  const now = new Date();
  const [from, to] = [before, after].map(each => paidFor(each, now).plan);
  const found: Change[] = [];
  if (from !== undefined && to !== undefined && from !== to) found.push(['plan.changed', { from, to }]);
  if (before.plan === 'team' && after.plan === 'team' && before.seats !== after.seats)
    found.push(['plan.seats-changed', { from: before.seats, to: after.seats }]);
  if (before.subscriptionId === after.subscriptionId && before.endsAt?.getTime() !== after.endsAt?.getTime())
    found.push(
      after.endsAt === null
        ? ['plan.end-recalled', {}]
        : ['plan.end-planned', { endsAt: after.endsAt.toISOString() }],
    );
  return found;
}
