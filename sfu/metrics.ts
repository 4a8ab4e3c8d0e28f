import type { Metrics } from '@cratersync/infra/runtime';
import type { SfuNode } from './node.ts';
import type { WorkerPool } from './workers.ts';

/** What the SFU carries, read when somebody asks. */
export function sfuMetrics(metrics: Metrics, { node, pool }: { node: SfuNode; pool: WorkerPool }): void {
  metrics.gauge({ name: 'cratersync_media', help: 'What the SFU carries, by kind.', labels: ['what'] }, () =>
    Object.entries(node.figures()).map(([what, count]) => [{ what }, count] as const),
  );
  metrics.gauge({ name: 'cratersync_media_workers', help: 'Media workers that run.' }, () => pool.size);
  metrics.total(
    { name: 'cratersync_media_workers_died_total', help: 'Media workers that died.' },
    () => pool.diedCount,
  );
}
