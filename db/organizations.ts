import type { AccountId, MemberRole, OrganizationId, Region } from '@cratersync/signaling/protocol';
import type { Tx } from './database.ts';
import * as memberships from './memberships.ts';
import type { AccountScope } from './scope.ts';

/** One's own place in an organization. */
export interface Membership {
  organizationId: OrganizationId;
  name: string;
  region: Region;
  role: MemberRole;
  /** When it is to be erased; until then it can only be read. null: it is not. */
  eraseAfter: Date | null;
  /** Its key waits for its deletion at the key provider: what it recorded does not open, unless it is kept. */
  isLocked: boolean;
}

/** Makes the organization in scope, whose id was chosen by whoever opened the scope, and its first owner. */
export async function create(
  tx: Tx,
  organization: { name: string; region: Region; ownerId: AccountId },
): Promise<void> {
  const { name, region, ownerId } = organization;
  await tx.change('INSERT INTO app.organizations (name, region) VALUES ($1, $2)', [name, region]);
  await memberships.begin(tx, ownerId, 'owner');
}

/** Of the one in scope. */
export const nameOf = async (tx: Tx): Promise<string> =>
  (
    await tx.one<{ name: string }>('SELECT name FROM app.organizations WHERE organization_id = $1', [
      tx.scope.organizationId,
    ])
  ).name;

export const regionOf = async (tx: Tx): Promise<Region> =>
  (
    await tx.one<{ region: Region }>('SELECT region FROM app.organizations WHERE organization_id = $1', [
      tx.scope.organizationId,
    ])
  ).region;

export async function rename(tx: Tx, name: string): Promise<void> {
  await tx.change('UPDATE app.organizations SET name = $1', [name]);
}

/** Of the one in scope; null when there is none (any more). */
export const nameIfThere = async (tx: Tx): Promise<string | null> =>
  (await tx.first<{ name: string }>(`SELECT name FROM app.organizations WHERE state <> 'erased'`))?.name ??
  null;

/** The organizations of the account in scope, the one they have been in for longest first. */
export const ofAccount = (tx: Tx<AccountScope>): Promise<Membership[]> =>
  tx.query(
    `SELECT o.organization_id AS "organizationId", o.name, o.region, m.role, d.erase_after AS "eraseAfter",
       d.key_deleted_after IS NOT NULL AS "isLocked"
     FROM app.memberships m JOIN app.organizations o USING (organization_id)
     LEFT JOIN app.organization_deletions d USING (organization_id)
     WHERE m.account_id = $1 AND m.ended_at IS NULL AND o.state <> 'erased'
     ORDER BY m.created_at, o.organization_id`,
    [tx.scope.accountId],
  );
