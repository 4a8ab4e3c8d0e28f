import { asAccount, type Database, type exports, inOrganization } from '@cratersync/db';
import { accountId, exportId, organizationId } from '@cratersync/signaling/protocol';
import { z } from 'zod';

/** What a job is about: an export of an organization, or of a person. */
export const exportPlace = z.union([
  z.strictObject({ organizationId, exportId }),
  z.strictObject({ accountId, exportId }),
]);
export type ExportPlace = z.output<typeof exportPlace>;

export const ownerId = (place: ExportPlace): string =>
  'organizationId' in place ? place.organizationId : place.accountId;

/** A transaction in the scope of whose it is. */
export const inScopeOf = <T>(
  db: Database,
  place: ExportPlace,
  work: (tx: exports.ExportTx) => Promise<T>,
): Promise<T> =>
  'organizationId' in place
    ? inOrganization(db, place.organizationId, work)
    : asAccount(db, place.accountId, work);
