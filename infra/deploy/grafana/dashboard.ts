/** One panel: a title, how its axis counts, and what is drawn: a legend and a query each. */
export interface Panel {
  title: string;
  unit: 's' | 'bytes' | 'short' | 'percentunit' | 'reqps';
  queries: readonly [legend: string, query: string][];
}

const rate = (metric: string, by: string) => `sum by (${by}) (rate(${metric}[5m]))`;
const quantile = (share: number, metric: string, by = 'le') =>
  `histogram_quantile(${share}, sum by (${by}) (rate(${metric}_bucket[5m])))`;

/** What an operator looks at, the recordings first. */
export const panels: readonly Panel[] = [
  {
    title: 'Live',
    unit: 'short',
    queries: [
      ['rooms', 'sum(cratersync_rooms)'],
      ['recording', 'sum(cratersync_rooms_recording)'],
      ['people', 'sum(cratersync_people{place="room"})'],
      ['in lobbies', 'sum(cratersync_people{place="lobby"})'],
    ],
  },
  {
    title: 'Received and not in the store yet',
    unit: 's',
    queries: [['{{instance}}', 'cratersync_watermark_lag_seconds']],
  },
  {
    title: 'Waiting for the store',
    unit: 'bytes',
    queries: [['{{instance}}', 'cratersync_backlog_bytes']],
  },
  {
    title: 'Packets a second',
    unit: 'short',
    queries: [['{{outcome}}', rate('cratersync_packets_total', 'outcome')]],
  },
  {
    title: 'Journaled',
    unit: 'bytes',
    queries: [['{{instance}}', rate('cratersync_journaled_bytes_total', 'instance')]],
  },
  {
    title: 'Disk: one write',
    unit: 's',
    queries: [
      ['half', quantile(0.5, 'cratersync_fsync_seconds')],
      ['99 %', quantile(0.99, 'cratersync_fsync_seconds')],
    ],
  },
  {
    title: 'Store: one chunk',
    unit: 's',
    queries: [
      ['half', quantile(0.5, 'cratersync_upload_seconds')],
      ['99 %', quantile(0.99, 'cratersync_upload_seconds')],
    ],
  },
  {
    title: 'Disk left',
    unit: 'bytes',
    queries: [['{{instance}}', 'cratersync_disk_bytes{what="free"}']],
  },
  {
    title: 'Requests',
    unit: 'reqps',
    queries: [['{{status}}', rate('cratersync_http_requests_total', 'status')]],
  },
  {
    title: 'Slowest routes (99 %)',
    unit: 's',
    queries: [['{{route}}', `topk(5, ${quantile(0.99, 'cratersync_http_request_seconds', 'route, le')})`]],
  },
  {
    title: 'Commands in rooms',
    unit: 'reqps',
    queries: [['{{outcome}}', rate('cratersync_socket_requests_total{process="signaling"}', 'outcome')]],
  },
  {
    title: 'People by organization',
    unit: 'short',
    queries: [['{{organization}}', 'cratersync_organization_people']],
  },
  {
    title: 'Jobs: the oldest that is due',
    unit: 's',
    queries: [['{{task}}', 'max by (task) (cratersync_jobs_oldest_seconds)']],
  },
  {
    title: 'Jobs that ended',
    unit: 'short',
    queries: [['{{task}} {{outcome}}', 'sum by (task, outcome) (increase(cratersync_jobs_total[1h]))']],
  },
  {
    title: 'Mail',
    unit: 'short',
    queries: [['{{outcome}}', 'sum by (outcome) (increase(cratersync_mail_total[1h]))']],
  },
  {
    title: 'Mail that did not arrive',
    unit: 'short',
    queries: [
      ['letters: {{reason}}', 'max by (reason) (cratersync_mail_dead_letters)'],
      ['addresses that take nothing', 'max(cratersync_mail_unreachable_addresses)'],
    ],
  },
  {
    title: 'Keys',
    unit: 'short',
    queries: [
      ['{{provider}} {{outcome}}', 'sum by (provider, outcome) (increase(cratersync_kms_calls_total[1h]))'],
    ],
  },
  {
    title: 'What the SFU carries',
    unit: 'short',
    queries: [['{{what}}', 'sum by (what) (cratersync_media)']],
  },
  {
    title: 'Event loop',
    unit: 'percentunit',
    queries: [['{{process}} {{instance}}', 'cratersync_event_loop_busy_ratio']],
  },
  { title: 'Memory', unit: 'bytes', queries: [['{{process}} {{instance}}', 'cratersync_memory_bytes']] },
  {
    title: 'Processors in use',
    unit: 'short',
    queries: [['{{process}} {{instance}}', 'rate(cratersync_cpu_seconds_total[5m])']],
  },
];

const WIDTH = 8;
const HEIGHT = 7;
const COLUMNS = 3;

/** As Grafana imports it, with a Prometheus of one's choice. */
export const dashboard = {
  uid: 'cratersync',
  title: 'CraterSync',
  timezone: 'browser',
  schemaVersion: 39,
  refresh: '30s',
  time: { from: 'now-6h', to: 'now' },
  templating: { list: [{ name: 'source', type: 'datasource', query: 'prometheus' }] },
  panels: panels.map(({ title, unit, queries }, index) => ({
    id: index + 1,
    type: 'timeseries',
    title,
    datasource: { type: 'prometheus', uid: '$source' },
    gridPos: {
      x: (index % COLUMNS) * WIDTH,
      y: Math.floor(index / COLUMNS) * HEIGHT,
      w: WIDTH,
      h: HEIGHT,
    },
    fieldConfig: { defaults: { unit, min: 0 }, overrides: [] },
    targets: queries.map(([legendFormat, expr], number) => ({
      refId: String.fromCharCode(65 + number),
      legendFormat,
      expr,
    })),
  })),
};
