import {
  accountDeletions,
  asAccountAndInEach,
  audit,
  type Database,
  letters,
  memberships,
  type OrganizationTx,
  organizations,
} from '@cratersync/db';
import { type Asked, entry } from '../audit/asked.ts';
import { type AccountId, errors } from '../protocol/index.ts';

/** So long somebody may come back. */
const GRACE_MS = 30 * 24 * 3_600_000;

/**
 * Has somebody's account deleted: they are signed out everywhere now, and have 30 days to come back.
 * @returns when it is purged
 * @throws `conflict` for whoever is the only owner of an organization
 */
export const requestAccountDeletion = (db: Database, accountId: AccountId, asked: Asked): Promise<Date> =>
  asAccountAndInEach(db, accountId, {
    own: async tx => {
      const purgeAfter = await accountDeletions.request(tx, GRACE_MS);
      await letters.queue(tx, accountId, { kind: 'account-deletion', purgeAfter });
      return purgeAfter;
    },
    inEach: async tx => {
      await refuseOnlyOwner(tx, accountId);
      await audit.append(tx, entry(asked, 'member.deletion-requested', { kind: 'member', id: accountId }));
    },
  });

/** Their own wish is written down by now, so they are none of those who stay. */
async function refuseOnlyOwner(tx: OrganizationTx, accountId: AccountId): Promise<void> {
  const staying = await memberships.holdOwners(tx);
  if (staying.length > 0 || (await memberships.byId(tx, accountId))?.role !== 'owner') return;
  const name = await organizations.nameOf(tx);
  if (await memberships.isAlone(tx))
    throw errors.conflict(`You are the only member of ${name}. Delete the organization first, on its page.`);
  throw errors.conflict(
    `You are the only owner of ${name}. Make somebody else an owner first, or delete the organization, on its page.`,
  );
}

/** Keeps an account that was to be deleted. @throws `conflict` when it is too late */
export const keepAccount = (db: Database, accountId: AccountId, asked: Asked): Promise<void> =>
  asAccountAndInEach(db, accountId, {
    own: async tx => {
      if (!(await accountDeletions.undo(tx)))
        throw errors.conflict(
          'Nothing is to be undone: your account is not to be deleted, or it is too late.',
        );
    },
    inEach: tx => audit.append(tx, entry(asked, 'member.deletion-undone', { kind: 'member', id: accountId })),
  });
