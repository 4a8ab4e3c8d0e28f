import { asAccountAndInEach, type Database, enqueue, planRounds, unscoped } from '@cratersync/db';
import type { Log } from '@cratersync/infra/runtime';
import type { BillingConfig } from '@cratersync/signaling/billing';

const BATCH = 100;

/**
 * When billing was turned on, or off, has every organization looked at for how long its plan keeps recordings: by way of the
 * accounts, as nobody sees all organizations. A worker that was killed goes on behind the last batch.
 */
export async function followPlans({
  db,
  billing,
  log,
}: {
  db: Database;
  billing: BillingConfig | null;
  log: Log;
}): Promise<void> {
  const isBilled = billing !== null;
  if (!(await unscoped(db, tx => planRounds.begin(tx, isBilled)))) return;
  const next = () => unscoped(db, tx => planRounds.next(tx, isBilled, BATCH));
  for (let accounts = await next(); accounts.length > 0; accounts = await next()) {
    for (const account of accounts)
      await asAccountAndInEach(db, account, {
        own: async () => {},
        inEach: tx => enqueue(tx, 'apply-retention', {}),
      });
    const last = accounts.at(-1);
    if (last !== undefined) await unscoped(db, tx => planRounds.reached(tx, isBilled, last));
  }
  await unscoped(db, tx => planRounds.finish(tx, isBilled));
  log.info({ isBilled }, 'has every organization looked at for what its plan keeps');
}
