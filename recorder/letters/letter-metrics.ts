import { type Database, deadLetters, unreachableAddresses, unscoped } from '@cratersync/db';
import type { Metrics } from '@cratersync/infra/runtime';

/** What did not arrive, of all organizations. */
export function letterMetrics(metrics: Metrics, db: Database): void {
  metrics.gauge(
    {
      name: 'cratersync_mail_dead_letters',
      help: 'Letters that were given up and wait for somebody to look at them, by reason.',
      labels: ['reason'],
    },
    async () =>
      (await unscoped(db, deadLetters.counts)).map(({ reason, letters }) => [{ reason }, letters] as const),
  );
  metrics.gauge(
    { name: 'cratersync_mail_unreachable_addresses', help: 'Addresses at which mail was refused for good.' },
    () => unscoped(db, unreachableAddresses.count),
  );
}

/** What did not arrive is not kept for ever. */
export const forgetOldMail = (db: Database): Promise<void> =>
  unscoped(db, async tx => {
    await deadLetters.forgetOld(tx);
    await unreachableAddresses.forgetOld(tx);
  });
