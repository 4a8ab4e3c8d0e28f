import { audit, type exports, type OrganizationTx } from '@cratersync/db';
import type { ExportId } from '@cratersync/signaling/protocol';

type ExportAction = 'export.finished' | 'export.failed' | 'export.expired';

/** Of an organization's export; a person's own is in no organization's log. */
export async function auditOfExport(
  tx: exports.ExportTx,
  exportId: ExportId,
  action: ExportAction,
  details: audit.Done['details'] = {},
): Promise<void> {
  if (!isOfOrganization(tx)) return;
  await audit.append(tx, { ...audit.nobody, action, target: { kind: 'export', id: exportId }, details });
}

const isOfOrganization = (tx: exports.ExportTx): tx is OrganizationTx => 'organizationId' in tx.scope;
