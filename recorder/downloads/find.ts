import { type Database, exports, inOrganization, organizations } from '@cratersync/db';
import { errors, type Region } from '@cratersync/signaling/protocol';
import { exportFile, inScopeOf } from '../exports/index.ts';
import { databaseLedger, extrasOf, findRecording, markersOf } from '../stems/index.ts';
import type { ObjectStore } from '../store/index.ts';
import type { DownloadsContext } from './index.ts';

/**
 * What there is to be downloaded.
 * @param region of which all is that the store has; without it, of all
 */
export function finder(
  db: Database,
  store: Pick<ObjectStore, 'get'>,
  region: Region | undefined,
): Pick<DownloadsContext, 'find' | 'findExport'> {
  return {
    find: async (organizationId, recordingId) => {
      const found = await findRecording(db, organizationId, recordingId);
      if (found === null) return null;
      const its = await inOrganization(db, organizationId, tx => organizations.regionOf(tx));
      if (its !== (region ?? its)) throw errors.wrongRegion(its);
      const stems = await databaseLedger(db, found).rows();
      return { ...found, stems, extras: await extrasOf(db, found), markers: await markersOf(db, found) };
    },
    findExport: async place => {
      const row = await inScopeOf(db, place, tx => exports.byId(tx, place.exportId));
      return row === null ? null : exportFile(store, row);
    },
  };
}
