import { randomUUID } from 'node:crypto';
import { asAccount, type Database, enqueue, exports, inOrganization } from '@cratersync/db';
import type { Sealer } from '@cratersync/infra/runtime';
import { Encrypter } from 'age-encryption';
import {
  type AccountId,
  type ExportContent,
  type ExportId,
  errors,
  exportId as exportIdSchema,
  type OrganizationId,
} from '../protocol/index.ts';

/** Whose export it is. */
export type ExportOwner = { organizationId: OrganizationId } | { accountId: AccountId };

export const ownerId = (owner: ExportOwner): string =>
  'organizationId' in owner ? owner.organizationId : owner.accountId;

export const inScopeOf = <T>(
  db: Database,
  owner: ExportOwner,
  work: (tx: exports.ExportTx) => Promise<T>,
): Promise<T> =>
  'organizationId' in owner
    ? inOrganization(db, owner.organizationId, work)
    : asAccount(db, owner.accountId, work);

/**
 * Orders an export. The passphrase is sealed until a worker begins, which is at once, and forgotten then.
 * @param ordered.page where its reader finds it
 * @throws `bad_request` for what is no public key; `conflict` while another one is under way
 */
export async function orderExport(
  tx: exports.ExportTx,
  sealer: Sealer,
  ordered: {
    what: ExportContent;
    passphrase?: string | undefined;
    recipient?: string | undefined;
    orderedBy: AccountId;
    page: string;
  },
): Promise<ExportId> {
  const { what, passphrase, recipient, orderedBy, page } = ordered;
  if (recipient !== undefined) checkRecipient(recipient);
  const exportId = exportIdSchema.parse(randomUUID());
  const lock = recipient === undefined ? { passphrase } : { recipient };
  const purpose = `export ${ownerId(tx.scope)} ${exportId}`;
  const secret = sealer.seal(Buffer.from(JSON.stringify({ lock, page })), purpose);
  const lockedBy = recipient === undefined ? 'passphrase' : 'key';
  if (!(await exports.order(tx, { exportId, what, lockedBy, orderedBy, secret })))
    throw errors.conflict('One is being made already. Wait for it, or cancel it.');
  await enqueue(tx, 'write-export', { exportId }, { key: exportId });
  return exportId;
}

/** What is there of it is deleted. @throws `conflict` when there is nothing to cancel (any more) */
export async function cancelExport(tx: exports.ExportTx, exportId: ExportId): Promise<void> {
  if ((await exports.byId(tx, exportId)) === null) throw errors.notFound('export');
  if (!(await exports.cancel(tx, exportId))) throw errors.conflict('It is over: there is nothing to cancel.');
  await enqueue(tx, 'expire-export', { exportId }, { key: exportId });
}

function checkRecipient(recipient: string): void {
  try {
    new Encrypter().addRecipient(recipient);
  } catch {
    throw errors.badRequest(
      'recipient: that is no age public key; copy it whole, as age-keygen shows it (age1…)',
    );
  }
}
