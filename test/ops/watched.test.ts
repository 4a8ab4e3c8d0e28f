import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { dashboard, panels } from '@cratersync/infra/dashboard';
import { expect } from 'chai';
import { z } from 'zod';
import { ApiClient, heard, say, sitDown } from '../support/api.ts';
import { freePort } from '../support/free-port.ts';
import { useStack } from '../support/stack.ts';
import { until } from '../support/until.ts';

const root = join(import.meta.dirname, '../..');
const rules = join(root, 'infra/deploy/prometheus');

const answer = z.object({
  data: z.object({
    result: z.array(
      z.object({ metric: z.record(z.string(), z.string()), value: z.tuple([z.number(), z.string()]) }),
    ),
  }),
});
const alerts = z.object({
  data: z.object({
    groups: z.array(
      z.object({
        rules: z.array(
          z.object({ name: z.string(), query: z.string(), annotations: z.object({ runbook: z.string() }) }),
        ),
      }),
    ),
  }),
});

/** Debian's Prometheus with our configuration, watching the given ports. */
class Prometheus {
  readonly #child: ChildProcess;
  readonly url: string;

  private constructor(child: ChildProcess, url: string) {
    this.#child = child;
    this.url = url;
  }

  static async start(folder: string, targets: string[]): Promise<Prometheus> {
    await cp(rules, folder, { recursive: true });
    const config = (await readFile(join(rules, 'prometheus.yml'), 'utf8')).replaceAll('15s', '1s');
    await writeFile(join(folder, 'prometheus.yml'), config);
    const hosts = targets.map(url => new URL(url).host);
    await writeFile(join(folder, 'targets/cratersync.yml'), JSON.stringify([{ targets: hosts }]));
    const given = /^ARGS="(.*)"$/m.exec(await readFile(join(rules, 'default'), 'utf8'))?.[1] ?? '';
    const port = await freePort();
    const args = given
      .replace(/--web\.listen-address=\S+/, `--web.listen-address=127.0.0.1:${port}`)
      .split(' ');
    const child = spawn(
      'prometheus',
      [...args, `--config.file=${folder}/prometheus.yml`, `--storage.tsdb.path=${folder}/data`],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    const ready = new Promise<void>((resolve, reject) => {
      child.stderr?.on('data', (data: Buffer) => {
        if (String(data).includes('Server is ready to receive web requests')) resolve();
      });
      child.once('error', reject);
      child.once('exit', code => reject(new Error(`prometheus ended with ${code}`)));
    });
    await ready;
    return new Prometheus(child, `http://127.0.0.1:${port}/api/v1`);
  }

  async query(query: string) {
    const response = await fetch(`${this.url}/query?query=${encodeURIComponent(query)}`);
    const body: unknown = await response.json();
    expect(response.status, `${query}: ${JSON.stringify(body)}`).to.equal(200);
    return answer.parse(body).data.result;
  }

  /** Until it has so many series of that; a scrape comes every second. */
  async until(query: string, count: number): Promise<void> {
    await until(async () => (await this.query(query)).length >= count, 60_000);
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill();
    await ended;
  }
}

const metricsIn = (query: string) => query.match(/\bcratersync_[a-z_]+/g) ?? [];

describe('what an operator sees of a running stack', function () {
  this.timeout(180_000);
  let folder: string;
  let backups: string;
  let prometheus: Prometheus;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cratersync-prometheus-'));
    backups = await mkdtemp(join(tmpdir(), 'cratersync-backups-'));
  });
  const scene = useStack(() => ({ BACKUP_DIR: backups }));
  before(async () => {
    const api = await ApiClient.signedIn(scene.url, 'rita@example.org', 'Rita');
    // From another device, of which a job writes a letter.
    await ApiClient.signedIn(scene.url, 'rita@example.org', 'Rita');
    const { sessionId } = await api.session('Moon talk');
    const socket = sitDown(scene.url, await api.hostSeat(sessionId));
    await heard(socket, 'connect');
    await say(socket, 'join', { resume: [] });
    expect(await say(socket, 'recording.start', {})).to.have.property('ok');
    prometheus = await Prometheus.start(folder, Object.values(scene.stack.metricsUrls));
    await prometheus.until('cratersync_info and on(instance) (up{job="cratersync"} == 1)', 4);
    await prometheus.until('cratersync_jobs_total{task="send-letter",outcome="done"}', 1);
  });
  after(async () => {
    await prometheus?.stop();
    for (const each of [folder, backups]) await rm(each, { recursive: true, force: true });
  });

  /** `npx cratersync status`, for this stack. */
  async function status(...args: string[]) {
    const program = join(root, 'infra/cli/cratersync.js');
    const env = { ...process.env, DATA_DIR: scene.stack.dataDir, BACKUP_DIR: backups };
    const run = promisify(execFile)(process.execPath, [program, 'status', ...args], { env });
    return run.then(
      ({ stdout }) => ({ code: 0, out: stdout }),
      (error: { code: number; stdout: string }) => ({ code: error.code, out: error.stdout }),
    );
  }

  it('Prometheus reaches every process, and keeps what it sees for 13 months', async () => {
    const up = await prometheus.query('up{job="cratersync"} == 1');
    expect(up.length).to.equal(4);
    const flags = z
      .object({ data: z.record(z.string(), z.string()) })
      .parse(await (await fetch(`${prometheus.url}/status/flags`)).json());
    expect(flags.data['storage.tsdb.retention.time']).to.equal('400d');
  });

  it('no label of ours is one that Prometheus gives itself', async () => {
    const renamed = await prometheus.query('{__name__=~"cratersync_.*",exported_job!=""}');
    expect([...renamed, ...(await prometheus.query('{exported_instance!=""}'))]).to.deep.equal([]);
  });

  it('every series exists that an alert or a panel asks for, and each alert has its runbook', async () => {
    const { groups } = alerts.parse(await (await fetch(`${prometheus.url}/rules`)).json()).data;
    const all = groups.flatMap(group => group.rules);
    const queries = [
      ...all.map(({ query }) => query),
      ...panels.flatMap(panel => panel.queries.map(([, q]) => q)),
    ];
    for (const query of queries) await prometheus.query(query);
    const names = new Set(queries.flatMap(metricsIn));
    for (const name of names) expect(await prometheus.query(name), name).to.not.deep.equal([]);
    const book = await readFile(join(root, 'docs/runbooks.md'), 'utf8');
    const sections = [...book.matchAll(/^## (\w+)$/gm)].map(([, name]) => name);
    expect(sections).to.have.members(all.map(({ name }) => name));
    for (const { name, annotations } of all)
      expect(annotations.runbook).to.equal(`docs/runbooks.md#${name.toLowerCase()}`);
  });

  it('the dashboard that Grafana imports is the one that is written here', async () => {
    const written = JSON.parse(await readFile(join(root, 'infra/deploy/grafana/cratersync.json'), 'utf8'));
    expect(written).to.deep.equal(dashboard);
  });

  it('organizations are called by a hash', async () => {
    const [series] = await prometheus.query('cratersync_organization_people');
    expect(series?.metric['organization']).to.match(/^[0-9a-f]{12}$/);
    expect(series?.value[1]).to.equal('1');
  });

  it('an alert is about to fire when a process is down', async () => {
    await scene.stack.kill('sfu', 'SIGSTOP');
    await prometheus.until('ALERTS{alertname="ProcessDown"}', 1);
    await scene.stack.kill('sfu', 'SIGCONT');
  });

  it('status shows all of it on one screen, and says what to look at', async () => {
    const none = await status();
    expect(none.code, none.out).to.equal(1);
    expect(none.out).to.contain('LOOK AT: there is no backup of the database');
    await writeFile(join(backups, 'database-2026-01-01T00-00-00Z.dump'), '');
    const well = await status();
    expect(well.out).to.match(/signaling {2}0\.1\.0, up .*\n.*sfu .*\n.*recorder .*\n.*worker /);
    expect(well.out).to.contain('1 live, 1 recording; 1 people, 0 in the lobby');
    expect(well.out).to.match(/recordings +[0-9a-f-]{36} {2}recording, 0 audio, 0 video/);
    expect(well.out).to.match(/disk +[\d.]+ GB of [\d.]+ GB free/);
    expect(well.out)
      .to.match(/mail +\d sent/)
      .and.match(/database +answers/);
    const problems = well.out.match(/LOOK AT: .*/g) ?? [];
    // That of the machine that tests may be so.
    expect(problems.filter(each => !each.includes('disk of a recorder is filling'))).to.deep.equal([]);
    const twoDaysAgo = new Date(Date.now() - 49 * 60 * 60_000);
    await utimes(join(backups, 'database-2026-01-01T00-00-00Z.dump'), twoDaysAgo, twoDaysAgo);
    const { code, out } = await status('--json');
    expect(code).to.equal(1);
    expect(JSON.parse(out).problems).to.include('the last backup is 2 days old');
  });

  it('status ends with 3 when no process answers, and 1 when one does not', async () => {
    const nobody = `http://127.0.0.1:${await freePort()}`;
    expect((await status('--process', nobody)).code).to.equal(3);
    const some = await status('--process', nobody, '--process', scene.stack.metricsUrls.signaling);
    expect(some.code).to.equal(1);
    expect(some.out).to.contain(`NOT REACHED at ${nobody}`);
  });
});
