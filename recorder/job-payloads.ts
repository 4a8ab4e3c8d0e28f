import { accountId, organizationId, recordingId, renderId } from '@cratersync/signaling/protocol';
import { z } from 'zod';

/** What jobs are about, as db/jobs.ts queues them. */
export const organizationJob = z.strictObject({ organizationId });
export const recordingJob = z.strictObject({ organizationId, recordingId });
export const renderExtraJob = z.strictObject({ organizationId, recordingId, renderId });
export const accountJob = z.strictObject({ accountId });
