import type { Tx } from './database.ts';
import type { Scope } from './scope.ts';

/** What the queue holds of one kind of job, of all organizations. */
export interface QueuedJobs {
  name: string;
  /** Due, or being done. */
  waiting: number;
  /** Failed as often as they may. */
  givenUp: number;
  /** How long the oldest has been due; 0 when none is. */
  oldestS: number;
}

/** One row for every name that there is, of all regions. For the worker, whose queue it is: what jobs are about is not read. */
export const queue = (tx: Tx<Scope>): Promise<QueuedJobs[]> =>
  tx.query(
    `SELECT name,
            count(*) FILTER (WHERE run_at <= now() AND (attempts < max_attempts OR locked_at IS NOT NULL)) AS waiting,
            count(*) FILTER (WHERE attempts >= max_attempts AND locked_at IS NULL) AS "givenUp",
            coalesce(extract(epoch FROM now() - min(run_at)
              FILTER (WHERE run_at <= now() AND attempts < max_attempts)), 0)::float8 AS "oldestS"
     FROM app.job_names LEFT JOIN graphile_worker.jobs ON split_part(task_identifier, ':', 1) = name
     GROUP BY name ORDER BY name`,
  );
