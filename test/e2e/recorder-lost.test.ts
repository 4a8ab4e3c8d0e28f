import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Stack, startStack } from '@cratersync/infra/dev';
import { expect } from 'chai';
import type { Page } from 'puppeteer';
import { silences } from '../support/audio.ts';
import { PersonalBrowser, press, sees } from '../support/browser.ts';
import { hostSession, joinAsHost, openRecordingPage, recordedOn, timeRecorded } from '../support/people.ts';
import { until } from '../support/until.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');

// One story, told in order.
describe('a recorder whose machine freezes while it records', function () {
  this.timeout(120_000);
  let folder: string;
  let stack: Stack;
  let browser: PersonalBrowser;
  let page: Page;
  let secondRecorder: ChildProcess;
  let recorders: { pid: number; catalogue: string }[];
  let frozen: number | null = null;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cratersync-takeover-'));
    stack = await startStack({ env: { ...process.env, DATA_DIR: join(folder, 'data'), PORT: '0' } });
    secondRecorder = spawn(process.execPath, [join(root, 'recorder/main.ts')], {
      env: { ...stack.env, NODE_ID: 'recorder-2', RECORDER_DIR: join(folder, 'recorder-2') },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    await once(secondRecorder, 'message');
    recorders = [
      { pid: stack.pid('recorder') ?? 0, catalogue: join(stack.dataDir, 'recorder', 'catalogue') },
      { pid: secondRecorder.pid ?? 0, catalogue: join(folder, 'recorder-2', 'catalogue') },
    ];
    browser = await PersonalBrowser.open({ toneHz: 660 });
  });

  after(async () => {
    if (frozen !== null) process.kill(frozen, 'SIGCONT');
    await browser?.close();
    secondRecorder?.kill('SIGTERM');
    // Twice, as a signal during the end of a test would.
    await Promise.all([stack?.stop(), stack?.stop()]);
    await rm(folder, { recursive: true, force: true });
  });

  it('is relieved by the other one, without anybody doing anything', async () => {
    page = await browser.page();
    await hostSession(page, stack.url, { email: 'rita@example.org', name: 'Rita', title: 'Two recorders' });
    await joinAsHost(page);
    await press(page, 'Start recording');
    await timeRecorded(page, 4);
    const texts = await Promise.all(recorders.map(({ catalogue }) => readFile(catalogue, 'utf8')));
    const holder = recorders[texts.findIndex(text => text.includes('"opened"'))];
    const other = recorders.find(each => each !== holder);
    if (holder === undefined || other === undefined) throw new Error('nobody records');
    process.kill(holder.pid, 'SIGSTOP');
    frozen = holder.pid;
    // Nobody has been missed yet, but what is shown as safe is marked as old.
    await sees(page, 'waiting for the recorder');
    await until(
      async () => (await readFile(other.catalogue, 'utf8')).split('"type":"track"').length === 3,
      60_000,
    );
    await recordedOn(page, 4);
  });

  it('hands in what it has when it is back, and the recording is whole', async () => {
    process.kill(frozen ?? 0, 'SIGCONT');
    frozen = null;
    await press(page, 'Stop recording');
    const { recording, mic } = await openRecordingPage(page);
    const { recordingId: id } = recording;
    const held = `${join(stack.dataDir, 'store')}/recordings/${id}/holders`;
    await access(join(held, '00000001-yielded'));
    const { stdout } = await run('npx', ['cratersync', 'verify', id], {
      env: { ...process.env, ...stack.env },
    });
    expect(stdout).to.match(/holds/i);
    const gaps = silences(mic, 300).filter(({ startMs }) => startMs > 500);
    // The tone from end to end, but for what the kernel could not hold for the frozen one until it was relieved.
    expect(gaps.length).to.be.at.most(1);
    for (const { startMs, endMs } of gaps) {
      expect(startMs).to.be.greaterThan(3500);
      expect(endMs).to.be.lessThan((recording.durationMs ?? 0) - 3000);
    }
  });
});
