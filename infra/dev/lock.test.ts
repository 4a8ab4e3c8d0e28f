import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { lockDataDir } from './lock.ts';
import { StartError } from './start-error.ts';

describe('the lock of the data folder', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'cratersync-lock-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const noWait = () => {
    throw new Error('waited');
  };

  it('makes the folder, keeps a second stack out, and lets the next one in', async () => {
    const dataDir = path.join(folder, 'new', 'data');
    const first = await lockDataDir(dataDir, noWait);
    const second = await lockDataDir(dataDir, noWait).catch((error: unknown) => error);
    expect(second).to.be.instanceOf(StartError);
    expect(String(second)).to.contain(`process ${process.pid}`).and.contain(dataDir);
    first.release();
    (await lockDataDir(dataDir, noWait)).release();
  });

  it('can be released twice, which touches nothing else', async () => {
    const lock = await lockDataDir(folder, noWait);
    lock.release();
    // The lowest number that is free: the lock's own.
    const other = openSync(path.join(folder, 'other'), 'w');
    expect(other).to.equal(lock.fd);
    lock.release();
    writeSync(other, 'still open');
    closeSync(other);
  });

  it('waits for the processes that a killed launcher has left', async () => {
    const first = await lockDataDir(folder, noWait);
    const leftover = spawn('sleep', ['60'], { stdio: ['ignore', 'ignore', 'ignore', first.fd] });
    first.release();
    // No process has a number this high.
    writeFileSync(path.join(folder, 'lock'), '4194305\n');
    let waited = 0;
    const next = await lockDataDir(folder, () => {
      waited += 1;
      leftover.kill();
    });
    expect(waited).to.equal(1);
    next.release();
    if (leftover.exitCode === null && leftover.signalCode === null) await once(leftover, 'exit');
  });

  it('says why a folder cannot be used', async () => {
    const file = path.join(folder, 'file');
    writeFileSync(file, '');
    for (const dataDir of [file, path.join(file, 'data')]) {
      const failure = await lockDataDir(dataDir, noWait).catch((error: unknown) => error);
      expect(failure).to.be.instanceOf(StartError);
      expect(String(failure))
        .to.contain(`DATA_DIR=${dataDir}`)
        .and.match(/a file/);
    }
  });
});
