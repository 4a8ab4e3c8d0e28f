import type { OrganizationTx, retention } from '@cratersync/db';

export async function tell(_tx: OrganizationTx, _taken: readonly retention.Warned[]): Promise<void> {}
