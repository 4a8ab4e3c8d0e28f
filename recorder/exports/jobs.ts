import { type Database, enqueue } from '@cratersync/db';
import type { JobHelpers, TaskList } from 'graphile-worker';
import { expireExport } from './expire-export.ts';
import { exportPlace, inScopeOf } from './place.ts';
import { type ExportOptions, writeExport } from './write-export.ts';

/** Exports in the worker's queue. */
export function exportJobs(options: ExportOptions): TaskList {
  const { db } = options;
  return {
    'write-export': async (payload: unknown, { job, abortSignal }: JobHelpers) => {
      const place = exportPlace.parse(payload);
      const inMs = await writeExport(options, place, {
        signal: abortSignal ?? new AbortController().signal,
        lastAttempt: job.attempts >= job.max_attempts,
      });
      if (inMs !== null) await again(db, 'write-export', place, inMs);
    },
    'expire-export': async (payload: unknown) => {
      const place = exportPlace.parse(payload);
      const inMs = await expireExport(options, place);
      if (inMs !== null) await again(db, 'expire-export', place, inMs);
    },
  };
}

const again = (
  db: Database,
  name: 'write-export' | 'expire-export',
  place: Parameters<typeof inScopeOf>[1],
  inMs: number,
): Promise<void> =>
  inScopeOf(db, place, tx => enqueue(tx, name, { exportId: place.exportId }, { key: place.exportId, inMs }));
