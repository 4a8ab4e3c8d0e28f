import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs, parseEnv } from 'node:util';
import { assignSecrets } from '../dev/assign-secrets.ts';
import { migrateDatabase } from '../dev/database.ts';
import {
  type Assigned,
  environmentOf,
  type ObservedProgram,
  observedPrograms,
  signalingUrl,
} from '../dev/programs.ts';
import { readSettings, type Settings } from '../dev/settings.ts';
import { ConfigError } from '../runtime/index.ts';
import { type Command, exitCodes, UsageError } from './command.ts';

const WORKER_PORT = 3100;
/** As infra/deploy/prometheus/targets expects them. */
const METRICS_PORT = 9401;

export const prepare: Command = {
  name: 'prepare',
  summary: 'SETTINGS DIRECTORY: migrate the database, and write what each process is to know',
  usage: `Usage: npx cratersync prepare SETTINGS DIRECTORY [--only PROCESS]… [--json]

For processes that run without make start: under systemd, in containers. Reads SETTINGS (lines of NAME=value, all that
README.md lists), makes the secrets that are not there yet (in DATA_DIR/secrets), brings the database up to date, and writes
DIRECTORY/signaling.env, sfu.env, recorder.env and worker.env, each with what that process needs and no other's secrets.
It may be run again at any time, and has to be after an update, before the new version starts.

  --only PROCESS  signaling, sfu, recorder or worker; may be repeated. For a host that has no others: without signaling
                  and worker the database is left alone
  --json          one object {written}

Ends with 0 when all is written, 2 for wrong usage or settings, 3 when the database cannot be reached.`,
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        json: { type: 'boolean', default: false },
        only: { type: 'string', multiple: true, default: [...observedPrograms] },
      },
    });
    const [settingsFile, directory] = positionals;
    if (settingsFile === undefined || directory === undefined || positionals.length > 2)
      throw new UsageError('Which settings, and where to? Give a file and a directory.');
    const only = values.only.map(programNamed);
    const given = await settingsIn(settingsFile);
    const settings = readSettings(given);
    const needsDatabase = only.includes('signaling') || only.includes('worker');
    const urls = needsDatabase ? await migrated(settings) : null;
    const assigned = assign(settings);
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const written: string[] = [];
    for (const name of only) {
      const env = {
        ...environmentOf(name, given, settings, assigned),
        ...(name === 'signaling' && { DATABASE_URL: urls?.appUrl }),
        ...(name === 'worker' && {
          DATABASE_URL: urls?.workerUrl,
          DATABASE_DIRECT_URL: urls?.workerDirectUrl,
        }),
        ...(given['SIGNALING_URL'] !== undefined &&
          (name === 'sfu' || name === 'recorder') && { SIGNALING_URL: given['SIGNALING_URL'] }),
      };
      const file = join(directory, `${name}.env`);
      await writePrivately(file, linesOf(env));
      written.push(file);
    }
    if (values.json) io.print(JSON.stringify({ written }));
    else for (const file of written) io.print(`written  ${file}`);
    return exitCodes.holds;
  },
};

function programNamed(name: string): ObservedProgram {
  const found = observedPrograms.find(each => each === name);
  if (found === undefined)
    throw new UsageError(`There is no process “${name}”: ${observedPrograms.join(', ')}.`);
  return found;
}

/** @throws ConfigError */
async function settingsIn(file: string): Promise<NodeJS.ProcessEnv> {
  const text = await readFile(file, 'utf8').catch(() => {
    throw new ConfigError([`${file} cannot be read`]);
  });
  return parseEnv(text);
}

/** What make start makes up for a try is somebody's decision here. @throws ConfigError, StartError */
async function migrated(settings: Settings) {
  const { DATA_DIR, DATABASE_URL, DATABASE_DIRECT_URL, PUBLIC_URL, SMTP_HOST } = settings;
  const missing = Object.entries({ DATABASE_URL, PUBLIC_URL, SMTP_HOST }).flatMap(([name, value]) =>
    value === undefined ? [`${name} is not set`] : [],
  );
  if (DATABASE_URL === undefined || missing.length > 0) throw new ConfigError(missing);
  const pooledUrl = DATABASE_DIRECT_URL === undefined ? undefined : DATABASE_URL;
  return migrateDatabase(DATA_DIR, DATABASE_DIRECT_URL ?? DATABASE_URL, pooledUrl);
}

function assign(settings: Settings): Assigned {
  const { PORT: port, PUBLIC_URL, HOST, METRICS_PORT: first = METRICS_PORT } = settings;
  return {
    port,
    publicUrl: PUBLIC_URL ?? signalingUrl(HOST, port),
    workerPort: WORKER_PORT,
    metricsPorts: { signaling: first, sfu: first + 1, recorder: first + 2, worker: first + 3 },
    ...assignSecrets(settings),
    inbox: undefined,
  };
}

/** Read alike by systemd (EnvironmentFile=) and compose (env_file:): neither expands what stands in there. */
function linesOf(env: NodeJS.ProcessEnv): string {
  const lines = Object.entries(env).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${value}`],
  );
  return `${lines.toSorted().join('\n')}\n`;
}

/** Whole or not at all, readable by its owner alone. */
async function writePrivately(file: string, text: string): Promise<void> {
  await writeFile(`${file}.new`, text, { mode: 0o600 });
  await chmod(`${file}.new`, 0o600);
  await rename(`${file}.new`, file);
}
