import { type Database, exports } from '@cratersync/db';
import type { ObjectStore } from '../store/index.ts';
import { auditOfExport } from './audit.ts';
import { type ExportPlace, inScopeOf } from './place.ts';
import { tidy } from './write-export.ts';

/** How long the clock has to say that it is time. */
const CONFIRM_MS = 10 * 60_000;

/**
 * Deletes what has lain ready long enough, or was given up.
 * @returns null when there is nothing (more) to do; a number: to be tried again in so many ms
 */
export async function expireExport(
  { db, store, confirmMs = CONFIRM_MS }: { db: Database; store: ObjectStore; confirmMs?: number },
  place: ExportPlace,
): Promise<number | null> {
  const { exportId } = place;
  const verdict = await inScopeOf(db, place, async tx => {
    const before = await exports.byId(tx, exportId);
    const found = await exports.expire(tx, exportId, confirmMs);
    if (found === 'over' && before?.state === 'ready') await auditOfExport(tx, exportId, 'export.expired');
    return found;
  });
  if (typeof verdict === 'number') return verdict;
  if (verdict === 'over') await tidy({ db, store }, place);
  return null;
}
