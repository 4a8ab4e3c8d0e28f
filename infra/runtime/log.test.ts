import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { LOG_DAYS, purgeLogs } from './log-files.ts';
import { safeError } from './safe-error.ts';

const DAY_MS = 24 * 60 * 60_000;
const fixture = fileURLToPath(new URL('./fixtures/process.ts', import.meta.url));

describe('logs', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cratersync-logs-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('go into a file of the day too, also the last words of a process that crashes', async () => {
    const directory = join(folder, 'made');
    const env = { ...process.env, LOG_DIR: directory, FIXTURE: 'crash', FIXTURE_PORT: '1' };
    const { stdout } = await promisify(execFile)(process.execPath, [fixture], { env }).catch(error => error);
    const [name = ''] = await readdir(directory);
    expect(name).to.match(/^fixture\.\d{4}-\d{2}-\d{2}\.1\.log$/);
    const written = await readFile(join(directory, name), 'utf8');
    expect(written).to.equal(stdout);
    expect(written).to.contain('unexpected error');
  });

  it('are kept for 30 days, and nothing else is removed', async () => {
    const nowMs = Date.now();
    const files: [name: string, ageDays: number][] = [
      ['worker.2026-01-01.1.log', LOG_DAYS + 1],
      ['signaling.2026-01-30.2.log', LOG_DAYS + 0.1],
      ['signaling.2026-01-31.1.log', LOG_DAYS - 0.1],
      ['notes.log', 400],
    ];
    for (const [name, ageDays] of files) {
      await writeFile(join(folder, name), '');
      const at = new Date(nowMs - ageDays * DAY_MS);
      await utimes(join(folder, name), at, at);
    }
    await purgeLogs(folder, nowMs);
    expect((await readdir(folder)).toSorted()).to.deep.equal(['notes.log', 'signaling.2026-01-31.1.log']);
  });

  it('say in one line why LOG_DIR is of no use', async () => {
    const env = { ...process.env, LOG_DIR: '/dev/null/logs', FIXTURE_PORT: '1' };
    const ended = await promisify(execFile)(process.execPath, [fixture], { env }).catch(error => error);
    expect(ended.code).to.equal(78);
    expect(ended.stderr).to.match(/^LOG_DIR: nothing can be written there/);
  });
});

describe('an error in a log', () => {
  it('keeps its kind, its place and its causes, and nothing that somebody has sent', () => {
    const refused = Object.assign(new Error('550 <rita@example.org> is unknown'), {
      responseCode: 550,
      rejected: ['rita@example.org'],
      detail: 'Key (email)=(rita@example.org) already exists.',
    });
    const outer = Object.assign(new TypeError('no mail', { cause: refused }), { code: 'EENVELOPE' });
    const logged = safeError(outer);
    expect(JSON.stringify(logged)).to.not.contain('rita@');
    expect(logged).to.include({ type: 'TypeError', message: 'no mail', code: 'EENVELOPE' });
    expect(logged.cause).to.include({ message: '550 <[address]> is unknown', responseCode: 550 });
    expect(logged.cause?.stack).to.match(/^Error: 550 <\[address\]> is unknown\n\s+at .*log\.test\.ts/);
  });

  it('does not repeat the value that the database refused', () => {
    const thrown = Object.assign(new Error('invalid input syntax for type uuid: "secret"'), {
      code: '22P02',
    });
    const logged = safeError(thrown);
    expect(JSON.stringify(logged)).to.not.contain('secret"');
    expect(logged).to.include({ message: 'the database refused a value', code: '22P02' });
  });
});
