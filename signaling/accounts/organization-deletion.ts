import {
  audit,
  type Database,
  inOrganization,
  letters,
  memberships,
  type OrganizationTx,
  organizationDeletions,
} from '@cratersync/db';
import { entry } from '../audit/asked.ts';
import { errors } from '../protocol/index.ts';
import type { Acting } from './members.ts';

/** How long it can be undone. */
const GRACE_MS = 7 * 24 * 3_600_000;

/** An owner, and how mail names them and their organization. */
export interface Owner extends Acting {
  displayName: string;
  organizationName: string;
}

/**
 * From now on the organization can only be read; in a week it is erased. All its owners are told.
 * @throws `forbidden` for whoever is no owner; `conflict` while something is being recorded
 */
export async function closeOrganization(db: Database, owner: Owner, url: string): Promise<void> {
  const { organizationId, accountId, displayName: by, organizationName } = owner;
  await inOrganization(db, organizationId, async tx => {
    await asOwner(tx, owner, 'delete it');
    if (!(await organizationDeletions.request(tx, { requestedBy: accountId, graceMs: GRACE_MS }))) return;
    const closing = await organizationDeletions.get(tx);
    if (closing === null) throw new Error('a deletion that was asked for is not there');
    const target = { kind: 'organization', id: organizationId } as const;
    await audit.append(tx, entry(owner.asked, 'organization.deletion-requested', target));
    const { eraseAfter } = closing;
    await letters.queueForOwners(tx, { kind: 'organization-closing', organizationName, by, eraseAfter, url });
  });
}

/** @throws `forbidden` for whoever is no owner; `conflict` when there is nothing to undo (any more) */
export async function keepOrganization(db: Database, owner: Owner): Promise<void> {
  const { organizationId, displayName: by, organizationName } = owner;
  await inOrganization(db, organizationId, async tx => {
    await asOwner(tx, owner, 'undo its deletion');
    if (!(await organizationDeletions.undo(tx)))
      throw errors.conflict('It is not to be deleted, or it is too late: its keys are being destroyed.');
    const target = { kind: 'organization', id: organizationId } as const;
    await audit.append(tx, entry(owner.asked, 'organization.deletion-undone', target));
    await letters.queueForOwners(tx, { kind: 'organization-kept', organizationName, by });
  });
}

/** Their role as it is now, under the lock: it may have changed since the request came in. */
async function asOwner(tx: OrganizationTx, { accountId }: Owner, what: string): Promise<void> {
  if (!(await memberships.holdOwners(tx)).includes(accountId)) throw errors.roleNeeded('owners', what);
}
