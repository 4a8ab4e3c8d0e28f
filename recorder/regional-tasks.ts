import { type Database, inOrganization, requeue } from '@cratersync/db';
import { organizationId, type Region, region } from '@cratersync/signaling/protocol';
import type { TaskList } from 'graphile-worker';
import { z } from 'zod';

const organizationJob = z.looseObject({ organizationId });

/**
 * Tasks that need the store or the keys, under the names that they have in the queue: each with a region. A worker of one
 * region takes its own alone; one of none takes them all.
 */
export function regionalTasks(db: Database, own: Region | undefined, tasks: TaskList): TaskList {
  const named: TaskList = {};
  for (const [name, task] of Object.entries(tasks)) {
    for (const each of own === undefined ? region.options : [own]) named[`${name}:${each}`] = task;
    // An account's, which has no region; or queued before names had any: it is queued again, and has one then.
    named[name] = async (payload, helpers) => {
      const job = organizationJob.safeParse(payload).data;
      if (job === undefined) return task?.(payload, helpers);
      await inOrganization(db, job.organizationId, tx => requeue(tx, name, job));
    };
  }
  return named;
}
