import { enqueue, inOrganization, organizationDeletions } from '@cratersync/db';
import type { JobHelpers } from 'graphile-worker';
import { organizationJob, recordingJob } from '../job-payloads.ts';
import { eraseOrganization } from './erase-organization.ts';
import { CONFIRM_MS, type EraseOptions, eraseRecording } from './erase-recording.ts';

/** Erasures in the worker's queue: each has itself called again until it is time. */
export function erasureJobs(options: EraseOptions) {
  const { db } = options;
  return {
    'erase-recording': async (payload: unknown): Promise<void> => {
      const job = recordingJob.parse(payload);
      const { organizationId, recordingId } = job;
      const inMs = await eraseRecording(options, job);
      if (inMs === null) return;
      await inOrganization(db, organizationId, tx =>
        enqueue(tx, 'erase-recording', { recordingId }, { inMs }),
      );
    },
    'erase-organization': async (payload: unknown, { abortSignal }: JobHelpers): Promise<void> => {
      const { organizationId } = organizationJob.parse(payload);
      const stop = abortSignal === undefined ? {} : { signal: abortSignal };
      const inMs = await eraseOrganization({ ...options, ...stop }, organizationId);
      if (inMs === null) return;
      await inOrganization(db, organizationId, tx => enqueue(tx, 'erase-organization', {}, { inMs }));
    },
  };
}

/** What is left of an organization that was erased goes a year later: rows alone. */
export function forgettingJobs({ db }: Pick<EraseOptions, 'db'>) {
  return {
    'forget-organization': async (payload: unknown): Promise<void> => {
      const { organizationId } = organizationJob.parse(payload);
      await inOrganization(db, organizationId, async tx => {
        const inMs = await organizationDeletions.forget(tx, CONFIRM_MS);
        if (inMs !== null) await enqueue(tx, 'forget-organization', {}, { inMs });
      });
    },
  };
}
