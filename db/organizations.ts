import type { AccountId, OrganizationId } from '@cratersync/signaling/protocol';
import { organizationOf, type Tx } from './scope.ts';

export type OrganizationRole = 'owner' | 'admin' | 'member';
export interface OwnOrganization {
  organizationId: OrganizationId;
  name: string;
  role: OrganizationRole;
}

/** Makes the scope's organization, with its first owner. */
export async function create(tx: Tx, organization: { name: string; ownerId: AccountId }): Promise<void> {
  const organizationId = organizationOf(tx);
  await tx.query('INSERT INTO organizations (organization_id, name) VALUES ($1, $2)', [
    organizationId,
    organization.name,
  ]);
  await tx.query(`INSERT INTO memberships (organization_id, account_id, role) VALUES ($1, $2, 'owner')`, [
    organizationId,
    organization.ownerId,
  ]);
}

/** The organizations of the account scope's person, oldest membership first. */
export async function ownedOrJoined(tx: Tx): Promise<OwnOrganization[]> {
  const { rows } = await tx.query<OwnOrganization>(
    `SELECT o.organization_id AS "organizationId", o.name, m.role
     FROM memberships m JOIN organizations o USING (organization_id)
     WHERE o.state <> 'erased' ORDER BY m.created_at`,
  );
  return rows;
}

export async function name(tx: Tx): Promise<string | null> {
  const { rows } = await tx.query<{ name: string }>('SELECT name FROM organizations');
  return rows[0]?.name ?? null;
}
