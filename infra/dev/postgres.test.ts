import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { retry } from '@cratersync/infra/runtime';
import { expect } from 'chai';
import { migrateDatabase, startDatabase } from './database.ts';

const module = new URL('./database.ts', import.meta.url).href;

describe('the embedded PostgreSQL', () => {
  let folder: string;
  // Nobody but its owner can pass this folder, as /root is.
  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'cratersync-postgres-'));
    chmodSync(folder, 0o700);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));
  const pidFile = () => path.join(folder, 'postgres', 'postmaster.pid');

  it('starts in a closed folder, keeps its data to itself, and stops cleanly', async () => {
    const database = await startDatabase(folder);
    try {
      const urls = await migrateDatabase(folder, database.ownerUrl);
      expect(urls.appUrl).not.to.equal(urls.workerUrl);
      expect(statSync(path.join(folder, 'postgres')).mode & 0o777).to.equal(0o700);
      expect(statSync(path.join(folder, 'secrets', 'database-owner')).mode & 0o777).to.equal(0o600);
      expect(existsSync(path.join(folder, 'postgres.password'))).to.equal(false);
    } finally {
      await database.stop();
    }
    expect(existsSync(pidFile())).to.equal(false);
  });

  it('stops by itself when its launcher is killed, and starts again', async () => {
    const code = `const { startDatabase } = await import('${module}');
      await startDatabase(${JSON.stringify(folder)}); console.log('up');`;
    const launcher = spawn(process.execPath, ['--input-type=module', '-e', code], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(launcher.stdout, 'data');
    expect(existsSync(pidFile())).to.equal(true);
    launcher.kill('SIGKILL');
    await retry(async () => expect(existsSync(pidFile())).to.equal(false), { baseMs: 20, maxMs: 100 });
    await (await startDatabase(folder)).stop();
  });

  it('starts after a crash of the machine, when its old number belongs to somebody else', async () => {
    writeFileSync(pidFile(), `${process.pid}\n`);
    const database = await startDatabase(folder);
    expect(Number.parseInt(readFileSync(pidFile(), 'utf8'), 10)).not.to.equal(process.pid);
    await database.stop();
  });

  it('is replaced by a given server, and says what is wrong with that one', async () => {
    const database = await startDatabase(folder);
    const failure = (change: (url: URL) => void) => {
      const url = new URL(database.ownerUrl);
      change(url);
      return migrateDatabase(folder, url.href).catch(String);
    };
    try {
      expect(await failure(url => (url.password = 'wrong'))).to.contain(
        'does not accept that user and password',
      );
      expect(await failure(url => (url.pathname = '/moon'))).to.contain('has no database of that name');
      expect(await failure(url => (url.hostname = 'no-such-host.invalid'))).to.contain(
        'there is no such host',
      );
    } finally {
      await database.stop();
    }
    const away = await failure(() => {});
    expect(away)
      .to.contain('is not reachable')
      .and.contain('DATABASE_URL')
      .and.not.contain(new URL(database.ownerUrl).password);
  });
});
