import { performance } from 'node:perf_hooks';
import type { Metrics } from './metrics.ts';
import { version } from './version.ts';

/** What every process tells of itself. All of it is kept by the system or by Node anyway. */
export function processMetrics(metrics: Metrics, name: string): void {
  const { registry } = metrics;
  registry.setDefaultLabels({ process: name });
  metrics.gauge({ name: 'cratersync_info', help: 'Which version runs.', labels: ['version'] }, () => [
    [{ version }, 1],
  ]);
  metrics.gauge({ name: 'cratersync_start_time_seconds', help: 'When the process began, since 1970.' }, () =>
    Math.round(performance.timeOrigin / 1000),
  );
  metrics.total({ name: 'cratersync_cpu_seconds_total', help: 'Processor time that was used.' }, () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  });
  metrics.gauge({ name: 'cratersync_memory_bytes', help: 'Memory that the process holds.' }, () =>
    process.memoryUsage.rss(),
  );
  let before = performance.eventLoopUtilization();
  metrics.gauge(
    {
      name: 'cratersync_event_loop_busy_ratio',
      help: 'Share of the time since the last scrape in which the event loop worked.',
    },
    () => {
      const now = performance.eventLoopUtilization();
      const { utilization } = performance.eventLoopUtilization(now, before);
      before = now;
      return utilization;
    },
  );
}
