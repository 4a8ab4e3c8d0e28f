import { accountDeletions, asAccount, type Database, enqueue, inOrganization } from '@cratersync/db';
import type { Log } from '@cratersync/infra/runtime';
import type { AccountId } from '@cratersync/signaling/protocol';
import { CONFIRM_MS } from '../erasure/index.ts';

/**
 * Purges an account whose time to come back is over: out of each organization first, then what is its own. Each step is one
 * transaction, and none harms when it is done again, so a job that was killed goes on, and ends the same.
 */
export async function purgeAccount(
  { db, log, confirmMs = CONFIRM_MS }: { db: Database; log: Log; confirmMs?: number },
  accountId: AccountId,
): Promise<void> {
  const begun = await asAccount(db, accountId, async tx => {
    const when = await accountDeletions.begin(tx, confirmMs);
    if (typeof when === 'number') await enqueue(tx, 'purge-account', {}, { inMs: when });
    return when === 'begun';
  });
  if (!begun) return;
  for (const organizationId of await asAccount(db, accountId, tx => accountDeletions.everIn(tx)))
    await inOrganization(db, organizationId, tx => accountDeletions.forget(tx, accountId));
  await asAccount(db, accountId, tx => accountDeletions.purge(tx));
  log.info({ accountId }, 'purged an account');
}
