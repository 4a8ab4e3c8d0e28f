import { type Database, jobs, unscoped } from '@cratersync/db';
import type { Metrics, Sample } from '@cratersync/infra/runtime';
import type { JobDone } from './worker-queue.ts';

/** How jobs of this worker end, and what waits in the queue of all. */
export function jobMetrics(metrics: Metrics, db: Database): (done: JobDone) => void {
  const done = metrics.counter({
    name: 'cratersync_jobs_total',
    help: 'Jobs by name and outcome: done, to be tried again, given up.',
    labels: ['task', 'outcome'],
  });
  const seconds = metrics.seconds(
    { name: 'cratersync_job_seconds', help: 'From the start of a job to its end.', labels: ['task'] },
    [0.1, 1, 10, 60, 600, 3600],
  );
  const queue = () => unscoped(db, tx => jobs.queue(tx));
  const samples = (read: (row: jobs.QueuedJobs) => number) => async (): Promise<Sample[]> =>
    (await queue()).map(row => [{ task: row.name }, read(row)]);
  metrics.gauge(
    { name: 'cratersync_jobs_waiting', help: 'Jobs that are due, or run.', labels: ['task'] },
    samples(({ waiting }) => waiting),
  );
  metrics.gauge(
    { name: 'cratersync_jobs_given_up', help: 'Jobs that have failed for good.', labels: ['task'] },
    samples(({ givenUp }) => givenUp),
  );
  metrics.gauge(
    {
      name: 'cratersync_jobs_oldest_seconds',
      help: 'How long the oldest job has been due.',
      labels: ['task'],
    },
    samples(({ oldestS }) => oldestS),
  );
  return ({ job, outcome, ms }) => {
    done.inc({ task: job, outcome });
    seconds.observe({ task: job }, ms / 1000);
  };
}
