import type { Database } from '@cratersync/db';
import type { OrganizationId, RecordingId } from '@cratersync/signaling/protocol';
import type { JobHelpers } from 'graphile-worker';
import { recordingJob, renderExtraJob } from '../job-payloads.ts';
import type { Keys } from '../keys/index.ts';
import { openRecording } from '../reader.ts';
import { databaseExtraLedger } from './extra-ledger.ts';
import { databaseLedger, findRecording } from './ledger.ts';
import { renderExtra } from './render-extra.ts';
import { type RenderContext, renderRecording } from './render-recording.ts';

/** A stem that has failed this often waits for a person instead of the next attempt. */
const MAX_ATTEMPTS = 8;

type RenderJobsOptions = Pick<RenderContext, 'store' | 'scratch' | 'lanes' | 'log'> & {
  db: Database;
  keys: Pick<Keys, 'sessionKey'>;
};

/** Renderings in the worker's queue. */
export function renderJobs({ db, keys, ...common }: RenderJobsOptions) {
  const found = async (organizationId: OrganizationId, recordingId: RecordingId, helpers: JobHelpers) => {
    const recording = await findRecording(db, organizationId, recordingId);
    if (recording === null) return null;
    const open = () => openRecording(common.store, keys, recording);
    return { recording, context: { ...common, ...attemptOf(helpers), open } };
  };
  return {
    'render-stems': async (payload: unknown, helpers: JobHelpers): Promise<void> => {
      const job = recordingJob.parse(payload);
      const it = await found(job.organizationId, job.recordingId, helpers);
      if (it === null) return;
      await renderRecording({ ...it.context, ledger: databaseLedger(db, it.recording) }, it.recording);
    },
    'render-extra': async (payload: unknown, helpers: JobHelpers): Promise<void> => {
      const job = renderExtraJob.parse(payload);
      const it = await found(job.organizationId, job.recordingId, helpers);
      if (it === null) return;
      const ledger = databaseExtraLedger(db, it.recording, job.renderId);
      const stems = () => databaseLedger(db, it.recording).rows();
      await renderExtra({ ...it.context, ledger, stems }, it.recording);
    },
  };
}

const attemptOf = ({ job, abortSignal }: JobHelpers) => ({
  signal: abortSignal ?? new AbortController().signal,
  lastAttempt: job.attempts >= Math.min(MAX_ATTEMPTS, job.max_attempts),
});
