import type { Metrics, ProcessContext } from '@cratersync/infra/runtime';
import type { Journal } from './journal/journal.ts';
import type { RecorderNode } from './node/recorder-node.ts';

/** What is measured as it happens: five times a second, and once a chunk. */
export function journalMetrics(metrics: Metrics) {
  const synced = metrics.seconds(
    { name: 'cratersync_fsync_seconds', help: 'One write of the journal to the disk, fdatasync included.' },
    [0.001, 0.005, 0.02, 0.1, 0.5, 2, 10],
  );
  const uploaded = metrics.seconds({
    name: 'cratersync_upload_seconds',
    help: 'One chunk to the store; attempts that failed are not in it.',
  });
  return {
    onSynced: (ms: number) => synced.observe(ms / 1000),
    onUploaded: (ms: number) => uploaded.observe(ms / 1000),
  };
}

/** What the recorder counts for its manifests and its room anyway, read when somebody asks. */
export function recorderMetrics(
  metrics: Metrics,
  { node, journal }: { node: RecorderNode; journal: Journal },
): void {
  const live = () => node.live();
  metrics.gauge(
    { name: 'cratersync_recordings', help: 'Recordings that are here, by phase.', labels: ['phase'] },
    () => {
      const phases = Object.groupBy(live(), ({ phase }) => phase);
      return ['recording', 'draining', 'finalizing', 'finalized', 'yielding'].map(phase => [
        { phase },
        phases[phase as keyof typeof phases]?.length ?? 0,
      ]);
    },
  );
  metrics.gauge({ name: 'cratersync_tracks', help: 'Tracks of live recordings.', labels: ['kind'] }, () => {
    const tracks = live().map(recording => recording.tracks);
    return (['audio', 'video'] as const).map(kind => [
      { kind },
      tracks.reduce((sum, each) => sum + each[kind], 0),
    ]);
  });
  metrics.gauge(
    { name: 'cratersync_watermark_lag_seconds', help: 'The most that is received and not in the store yet.' },
    () => Math.max(0, ...live().map(({ lagMs }) => lagMs)) / 1000,
  );
  metrics.total(
    { name: 'cratersync_packets_total', help: 'RTP packets by what became of them.', labels: ['outcome'] },
    () => {
      const counted = node.counted();
      return [
        [{ outcome: 'received' }, counted.packetsReceived],
        [{ outcome: 'recovered' }, counted.packetsRecovered],
        [{ outcome: 'lost' }, counted.packetsLost],
        [{ outcome: 'duplicate' }, counted.packetsDuplicate],
        [{ outcome: 'refused' }, counted.packetsMalformed + counted.packetsForeign],
        [{ outcome: 'dropped' }, counted.packetsDroppedByKernel + counted.packetsDroppedByFlood],
      ];
    },
  );
  metrics.total(
    { name: 'cratersync_journaled_bytes_total', help: 'Bytes of the journal that the disk has taken.' },
    () => journal.frames.durableBytes,
  );
  metrics.gauge(
    { name: 'cratersync_pending_bytes', help: 'Bytes of the journal that are in memory only.' },
    () => journal.frames.pendingBytes,
  );
  metrics.gauge(
    { name: 'cratersync_backlog_chunks', help: 'Chunks that wait for the store.' },
    () => journal.uploader.backlog.chunks,
  );
  metrics.gauge(
    { name: 'cratersync_backlog_bytes', help: 'Bytes of chunks that wait for the store.' },
    () => journal.uploader.backlog.bytes,
  );
  metrics.gauge(
    { name: 'cratersync_stalled_recordings', help: 'Recordings that the store has kept waiting for 5 s.' },
    () => journal.uploader.stalledCount,
  );
  metrics.gauge(
    {
      name: 'cratersync_disk_bytes',
      help: 'The disk of the journal: what is free, and all of it.',
      labels: ['what'],
    },
    async () => {
      const { freeBytes, totalBytes } = await node.disk();
      return [
        [{ what: 'free' }, freeBytes],
        [{ what: 'total' }, totalBytes],
      ];
    },
  );
  metrics.gauge({ name: 'cratersync_disk_away', help: '1 while the disk takes nothing.' }, () =>
    node.diskAway ? 1 : 0,
  );
}

/** For `cratersync status`. */
export const recorderStatus =
  ({ node, journal }: { node: RecorderNode; journal: Journal }): Parameters<ProcessContext['onStatus']>[0] =>
  async () => ({
    recordings: node.live(),
    backlog: journal.uploader.backlog,
    stalled: journal.uploader.stalledCount,
    disk: await node.disk(),
    diskAway: node.diskAway,
  });
