import { answeredIfThere, type Payments } from './payments.ts';

/**
 * Ends a subscription at once. One that has ended is gone already.
 * @throws AppError `unavailable`: the queue tries again
 */
export async function endSubscription({ stripe }: Payments, subscriptionId: string): Promise<void> {
  await answeredIfThere(stripe.subscriptions.cancel(subscriptionId));
}
