import type { AccountId, OrganizationId } from '@cratersync/signaling/protocol';
import type { Tx } from './database.ts';
import type { AccountScope } from './scope.ts';

/** One's own place in an organization. */
export interface Membership {
  organizationId: OrganizationId;
  name: string;
  role: 'owner' | 'admin' | 'member';
}

/** Makes the organization in scope, whose id was chosen by whoever opened the scope, and its first owner. */
export async function create(tx: Tx, organization: { name: string; ownerId: AccountId }): Promise<void> {
  await tx.change('INSERT INTO app.organizations (name) VALUES ($1)', [organization.name]);
  await tx.change(`INSERT INTO app.memberships (account_id, role) VALUES ($1, 'owner')`, [
    organization.ownerId,
  ]);
}

/** The organizations of the account in scope, the one they have been in for longest first. */
export const ofAccount = (tx: Tx<AccountScope>): Promise<Membership[]> =>
  tx.query(
    `SELECT o.organization_id AS "organizationId", o.name, m.role
     FROM app.memberships m JOIN app.organizations o USING (organization_id)
     WHERE m.account_id = $1 AND o.state <> 'erased'
     ORDER BY m.created_at, o.organization_id`,
    [tx.scope.accountId],
  );
