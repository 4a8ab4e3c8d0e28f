import { EventEmitter } from 'node:events';
import { writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Log } from '@cratersync/infra/runtime';
import { Logger, makeWorkerUtils, type Runner, run, type TaskList, type WorkerEvents } from 'graphile-worker';
import { z } from 'zod';

export interface QueueOptions {
  /** The worker's own role; a connection of its own, as it listens. */
  connectionString: string;
  tasks: TaskList;
  /** Keeps under which name this worker locks its jobs; nobody else writes there while it lives. */
  nameFile: string;
  /** Jobs that are taken; how much of their work is done at the same time may be for others to say. */
  atOnce: number;
  /** What is done again and again, for nobody in particular: lines as in crontab(5). */
  crontab?: string;
  log: Log;
  /** Hears of every job that was run. */
  onDone: (done: JobDone) => void;
}

export interface JobDone {
  job: string;
  outcome: 'done' | 'again' | 'given-up';
  ms: number;
}

/**
 * Takes jobs, a few at a time. What a predecessor with the same name file had locked when it was killed is run again at
 * once; without the file, graphile-worker waits four hours before it takes a lock for abandoned.
 */
export async function startQueue({
  connectionString,
  tasks,
  nameFile,
  atOnce,
  crontab,
  log,
  onDone,
}: QueueOptions): Promise<Runner> {
  const logger = queueLogger(log);
  const utils = await makeWorkerUtils({ connectionString, logger });
  try {
    const dead = await readFile(nameFile, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return '';
      throw error;
    });
    if (dead !== '') await utils.forceUnlockWorkers([dead]);
  } finally {
    await utils.release();
  }
  const events: WorkerEvents = new EventEmitter();
  // At once: the name has to be on disk before the first job is locked with it.
  events.on('pool:create', ({ workerPool }) => writeFileSync(nameFile, workerPool.id));
  const startedMs = new Map<string, number>();
  events.on('job:start', ({ job }) => void startedMs.set(job.id, performance.now()));
  events.on('job:complete', ({ job, error }) => {
    const ms = performance.now() - (startedMs.get(job.id) ?? performance.now());
    startedMs.delete(job.id);
    const isLast = job.attempts >= job.max_attempts;
    onDone({ job: job.task_identifier, outcome: error == null ? 'done' : isLast ? 'given-up' : 'again', ms });
  });
  return await run({
    connectionString,
    taskList: tasks,
    ...(crontab !== undefined && { crontab }),
    concurrency: atOnce,
    noHandleSignals: true,
    gracefulShutdownAbortTimeout: 0,
    logger,
    events,
  });
}

/**
 * Its notices of every job that begins and ends are the tasks' own to tell. Never its words of a job that failed, nor the job:
 * they repeat what the job was given.
 */
const queueLogger = (log: Log) =>
  new Logger(scope => (level, message, meta) => {
    const failed = meta?.['failure'] === true ? failedJob.parse(meta) : null;
    // A job that failed will mostly be run again; the task has said why.
    if (failed !== null) {
      const { job, error } = failed;
      log.warn(
        { err: error, jobId: job.id, job: job.task_identifier, attempt: job.attempts },
        'a job failed',
      );
    } else if (level === 'warning') log.warn(scope, message);
    else if (level === 'error') log.error(scope, message);
    else log.debug(scope, message);
  });

const failedJob = z.object({
  error: z.instanceof(Error),
  job: z.object({ id: z.string(), task_identifier: z.string(), attempts: z.number() }),
});
