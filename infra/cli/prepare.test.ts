import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv, promisify } from 'node:util';
import { expect } from 'chai';
import pg from 'pg';
import { startDatabase } from '../dev/database.ts';

const program = join(import.meta.dirname, 'cratersync.js');

describe('cratersync prepare', function () {
  this.timeout(120_000);
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cratersync-prepare-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  async function prepare(lines: string[], ...args: string[]) {
    const settings = join(folder, 'settings.env');
    await writeFile(settings, lines.join('\n'));
    const env = { PATH: process.env['PATH'] };
    const run = promisify(execFile)(process.execPath, [program, 'prepare', settings, folder, ...args], {
      env,
    });
    return run.then(
      () => ({ code: 0, err: '' }),
      (error: { code: number; stderr: string }) => ({ code: error.code, err: error.stderr }),
    );
  }
  const written = async (name: string) => parseEnv(await readFile(join(folder, `${name}.env`), 'utf8'));

  it('migrates the database, and tells each process what it needs and no more, twice alike', async () => {
    const server = await startDatabase(join(folder, 'server'));
    try {
      const lines = [
        ...[
          `DATA_DIR=${folder}/data`,
          `DATABASE_URL=${server.ownerUrl}`,
          'PUBLIC_URL=https://studio.example.org',
        ],
        ...['SMTP_HOST=smtp.example.org', 'SMTP_PASSWORD=mail-secret', 'S3_SECRET_ACCESS_KEY=s3-secret'],
        ...['RTC_IP=203.0.113.10', 'MAIL_FROM=CraterSync <no-reply@example.org>'],
      ];
      expect(await prepare(lines)).to.deep.equal({ code: 0, err: '' });
      const [signaling, sfu, recorder, worker] = await Promise.all(
        ['signaling', 'sfu', 'recorder', 'worker'].map(written),
      );
      expect(signaling).to.include({ PUBLIC_URL: 'https://studio.example.org', METRICS_PORT: '9401' });
      expect(signaling?.['MAIL_FROM']).to.equal('CraterSync <no-reply@example.org>');
      expect(sfu).to.include({
        RTC_IP: '203.0.113.10',
        METRICS_PORT: '9402',
        NODE_SECRET: signaling?.['NODE_SECRET'],
      });
      for (const other of [signaling, sfu]) expect(JSON.stringify(other)).to.not.contain('s3-secret');
      for (const other of [sfu, recorder])
        expect(other).to.not.have.any.keys('DATABASE_URL', 'SEALING_KEY', 'CODE_PEPPER', 'SMTP_PASSWORD');
      expect((await stat(join(folder, 'worker.env'))).mode & 0o777).to.equal(0o600);
      for (const [env, role] of [
        [signaling, 'cratersync_app'],
        [worker, 'cratersync_worker'],
      ] as const) {
        const client = new pg.Client({ connectionString: env?.['DATABASE_URL'] });
        await client.connect();
        expect((await client.query('SELECT current_user AS role')).rows).to.deep.equal([{ role }]);
        await client.end();
      }
      await prepare(lines);
      expect(await written('signaling')).to.deep.equal(signaling);
    } finally {
      await server.stop();
    }
  });

  it('says what is missing, and leaves the database alone on a host of media only', async () => {
    const lines = [`DATA_DIR=${folder}/data`, 'SIGNALING_URL=https://10.0.0.1:3000'];
    const { code, err } = await prepare(lines);
    expect(code).to.equal(2);
    for (const name of ['DATABASE_URL', 'PUBLIC_URL', 'SMTP_HOST'])
      expect(err).to.contain(`${name} is not set`);
    expect(await prepare(lines, '--only', 'recorder')).to.deep.equal({ code: 0, err: '' });
    expect(await written('recorder')).to.include({ SIGNALING_URL: 'https://10.0.0.1:3000' });
    expect((await prepare(lines, '--only', 'postgres')).code).to.equal(2);
  });
});
