import type { ProcessStatus, Report } from './status-shapes.ts';

type Of<Name extends ProcessStatus['name']> = Extract<ProcessStatus, { name: Name }>;

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** A chunk is closed after 10 s at most; what is older than this waits for the store. */
const LATE_MS = 60_000;
const OLD_JOB_S = 15 * 60;
const OLD_BACKUP_MS = 26 * 60 * MINUTE_MS;
const FILLING = 0.3;

const said = ({ asked }: Report) => asked.flatMap(each => each.said ?? []);

const all = <Name extends ProcessStatus['name']>(report: Report, name: Name): Of<Name>[] =>
  said(report).filter((each): each is Of<Name> => each.name === name);

/** What somebody should look at now, each in a sentence. */
export function problemsOf(report: Report): string[] {
  const recorders = all(report, 'recorder');
  const jobs = all(report, 'worker')[0]?.jobs ?? [];
  const { backup, atMs } = report;
  return [
    ...report.asked.filter(each => each.said === null).map(({ url }) => `${url} does not answer`),
    ...all(report, 'signaling').flatMap(({ health }) =>
      Object.values(health.processes).flatMap(({ reason }) => reason ?? []),
    ),
    ...recorders.flatMap(({ recordings }) =>
      recordings
        .filter(({ lagMs }) => lagMs > LATE_MS)
        .map(({ recordingId, lagMs }) => `${recordingId}: ${duration(lagMs)} are not in the store yet`),
    ),
    ...recorders.filter(({ stalled }) => stalled > 0).map(() => 'the store takes nothing'),
    ...recorders.filter(({ diskAway }) => diskAway).map(() => 'the disk of a recorder takes nothing'),
    ...recorders
      .filter(({ disk }) => disk.freeBytes < disk.totalBytes * FILLING)
      .map(({ disk }) => `the disk of a recorder is filling: ${bytes(disk.freeBytes)} left`),
    ...jobs.filter(({ givenUp }) => givenUp > 0).map(({ name, givenUp }) => `${givenUp} ${name} given up`),
    ...jobs
      .filter(({ oldestS }) => oldestS > OLD_JOB_S)
      .map(({ name, oldestS }) => `a ${name} has been waiting for ${duration(oldestS * 1000)}`),
    ...all(report, 'worker')
      .slice(0, 1)
      .filter(({ givenUpLetters }) => givenUpLetters > 0)
      .map(
        ({ givenUpLetters }) => `${givenUpLetters} letters were given up: cratersync mail failed shows them`,
      ),
    ...(backup === null ? ['there is no backup of the database'] : []),
    ...(backup && atMs - backup.atMs > OLD_BACKUP_MS
      ? [`the last backup is ${duration(atMs - backup.atMs)} old`]
      : []),
  ];
}

/** One screen, a line each. */
export function linesOf(report: Report): string[] {
  const row = (what: string, lines: string[]) =>
    lines.map((line, index) => `${(index === 0 ? what : '').padEnd(11)} ${line}`);
  const problems = problemsOf(report);
  return [
    ...row('processes', report.asked.map(processLine)),
    ...row('rooms', all(report, 'signaling').map(roomsLine)),
    ...row('recordings', recordingLines(all(report, 'recorder'))),
    ...row('backlog', all(report, 'recorder').map(backlogLine)),
    ...row('disk', all(report, 'recorder').map(diskLine)),
    ...row('jobs', all(report, 'worker').slice(0, 1).map(jobsLine)),
    ...row('mail', [outcomes(said(report).map(({ mail }) => mail))]),
    ...row('keys', [outcomes(said(report).map(({ keys }) => keys))]),
    ...row('database', all(report, 'signaling').map(databaseLine)),
    ...row('backup', [backupLine(report)]),
    '',
    ...(problems.length === 0 ? ['All is well.'] : problems.map(problem => `LOOK AT: ${problem}`)),
  ];
}

function processLine({ url, said }: Report['asked'][number]): string {
  if (said === null) return `NOT REACHED at ${url}`;
  return `${said.name.padEnd(10)} ${said.version}, up ${duration(said.upS * 1000)}, pid ${said.pid}`;
}

const roomsLine = ({ rooms, people, waiting, recording }: Of<'signaling'>) =>
  `${rooms} live, ${recording} recording; ${people} people, ${waiting} in the lobby`;

function recordingLines(recorders: Of<'recorder'>[]): string[] {
  const lines = recorders.flatMap(({ recordings }) =>
    recordings.map(({ recordingId, phase, tracks, elapsedMs, lagMs }) => {
      const what = `${phase}, ${tracks.audio} audio, ${tracks.video} video`;
      return `${recordingId}  ${what}, ${duration(elapsedMs)}; ${duration(lagMs)} not in the store yet`;
    }),
  );
  return lines.length === 0 ? ['none'] : lines;
}

const backlogLine = ({ backlog, stalled }: Of<'recorder'>) =>
  `${backlog.chunks} chunks, ${bytes(backlog.bytes)}; the store ${stalled > 0 ? 'TAKES NOTHING' : 'takes them'}`;

const diskLine = ({ disk, diskAway }: Of<'recorder'>) =>
  `${bytes(disk.freeBytes)} of ${bytes(disk.totalBytes)} free${diskAway ? '; TAKES NOTHING' : ''}`;

function jobsLine({ jobs }: Of<'worker'>): string {
  const sum = (of: (job: (typeof jobs)[number]) => number) => jobs.reduce((total, job) => total + of(job), 0);
  const oldestMs = Math.max(0, ...jobs.map(({ oldestS }) => oldestS * 1000));
  const oldest = oldestMs > 0 ? `, the oldest for ${duration(oldestMs)}` : '';
  return `${sum(({ waiting }) => waiting)} waiting${oldest}; ${sum(({ givenUp }) => givenUp)} given up`;
}

function databaseLine({ health }: Of<'signaling'>): string {
  return health.processes['database']?.ready === true ? 'answers' : 'DOES NOT ANSWER';
}

function backupLine({ backup, atMs }: Report): string {
  if (backup === undefined) return 'not known: set BACKUP_DIR';
  return backup === null ? 'NONE' : `${backup.name}, ${duration(atMs - backup.atMs)} ago`;
}

/** Since the processes began. */
function outcomes(counted: (Record<string, number> | null)[]): string {
  const sum = new Map<string, number>();
  for (const one of counted)
    for (const [outcome, count] of Object.entries(one ?? {}))
      sum.set(outcome, (sum.get(outcome) ?? 0) + count);
  const words = [...sum].map(([outcome, count]) => `${count} ${outcome}`);
  return words.length === 0 ? 'nothing yet' : words.join(', ');
}

function duration(ms: number): string {
  if (ms < MINUTE_MS) return `${(ms / 1000).toFixed(1)} s`;
  if (ms < 120 * MINUTE_MS) return `${Math.round(ms / MINUTE_MS)} min`;
  return ms < 2 * DAY_MS ? `${Math.round(ms / (60 * MINUTE_MS))} h` : `${Math.round(ms / DAY_MS)} days`;
}

function bytes(value: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = value < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(value) / 3));
  return `${(value / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power]}`;
}
