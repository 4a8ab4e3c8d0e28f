import { type Metrics, newestBackup } from '@cratersync/infra/runtime';

/** When the newest backup of the database was made; 0 when there is none. */
export function backupMetrics(metrics: Metrics, directory: string): void {
  metrics.gauge(
    {
      name: 'cratersync_backup_time_seconds',
      help: 'When the newest backup of the database was made, since 1970.',
    },
    async () => ((await newestBackup(directory))?.atMs ?? 0) / 1000,
  );
}
