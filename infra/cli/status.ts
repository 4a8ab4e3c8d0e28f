import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { observedPrograms } from '../dev/programs.ts';
import { ConfigError, newestBackup, readConfig } from '../runtime/index.ts';
import { type Command, exitCodes } from './command.ts';
import { linesOf, problemsOf } from './status-report.ts';
import { type Asked, processStatus, type Report } from './status-shapes.ts';

const ANSWER_MS = 5000;
const shape = {
  DATA_DIR: z.string().default('./.data'),
  METRICS_PORT: z.coerce.number().int().min(1).max(65_532).optional(),
  BACKUP_DIR: z.string().optional(),
};

export const status: Command = {
  name: 'status',
  summary: 'one screen: processes, rooms, recordings, backlog, disk, jobs, mail, keys, database, backup',
  usage: `Usage: npx cratersync status [--process URL]… [--json]

Asks each process how it is, at its metrics port, and shows it on one screen. What somebody should look at stands last,
after LOOK AT.

  --process URL   where a process has its metrics, such as http://10.0.0.2:9403; once for each.
                  Default: the four of this machine, from METRICS_PORT on, or as make start has noted them in DATA_DIR
  --json          one object {problems, processes, backup}

BACKUP_DIR says where backups of the database are.

Ends with 0 when all is well, 1 when there is something to look at, 2 for wrong usage or configuration, 3 when no process
answers.`,
  async run(args, io) {
    const { values } = parseArgs({
      args,
      options: { json: { type: 'boolean', default: false }, process: { type: 'string', multiple: true } },
    });
    const config = readConfig(shape, io.env);
    const urls = values.process ?? localUrls(config);
    const asked = await Promise.all(urls.map(ask));
    const backup = config.BACKUP_DIR === undefined ? undefined : await backupIn(config.BACKUP_DIR);
    const report: Report = { atMs: Date.now(), asked, backup };
    const problems = problemsOf(report);
    if (values.json)
      io.print(JSON.stringify({ problems, processes: asked, ...(backup !== undefined && { backup }) }));
    else for (const line of linesOf(report)) io.print(line);
    if (asked.every(({ said }) => said === null)) {
      io.complain(
        'No process answers. Is CraterSync running, and is DATA_DIR, METRICS_PORT or --process right?',
      );
      return exitCodes.unknown;
    }
    return problems.length === 0 ? exitCodes.holds : exitCodes.doesNotHold;
  },
};

async function backupIn(directory: string): Promise<Report['backup']> {
  try {
    return await newestBackup(directory);
  } catch {
    throw new ConfigError([`BACKUP_DIR: ${directory} cannot be read`]);
  }
}

async function ask(url: string): Promise<Asked> {
  try {
    const answer = await fetch(new URL('/status', url), { signal: AbortSignal.timeout(ANSWER_MS) });
    return { url, said: processStatus.parse(await answer.json()) };
  } catch {
    return { url, said: null };
  }
}

function localUrls({
  DATA_DIR,
  METRICS_PORT,
}: {
  DATA_DIR: string;
  METRICS_PORT?: number | undefined;
}): string[] {
  const at = (port: number) => `http://127.0.0.1:${port}`;
  if (METRICS_PORT !== undefined) return observedPrograms.map((_, index) => at(METRICS_PORT + index));
  const file = join(DATA_DIR, 'ports.json');
  const noted = existsSync(file)
    ? z.record(z.string(), z.number()).parse(JSON.parse(readFileSync(file, 'utf8')))
    : {};
  return observedPrograms.flatMap(name => {
    const port = noted[`${name}-metrics`];
    return port === undefined ? [] : [at(port)];
  });
}
