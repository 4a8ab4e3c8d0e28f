import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { retry } from '@cratersync/infra/runtime';
import { expect } from 'chai';
import { EndedEarly, ManagedProcess } from './managed-process.ts';

const fixture = fileURLToPath(new URL('./fixtures/child.ts', import.meta.url));

function managed(behaviour: string) {
  const lines: string[] = [];
  const notes: string[] = [];
  const subject = new ManagedProcess({
    name: 'child',
    spawn: () =>
      spawn(process.execPath, [fixture], {
        stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
        detached: true,
        env: { ...process.env, CHILD: behaviour },
      }),
    ready: { message: 'ready' },
    stopSignal: 'SIGTERM',
    onLine: line => lines.push(line),
    onNote: note => notes.push(note),
  });
  return { subject, lines, notes };
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('ManagedProcess', () => {
  let open: ManagedProcess | undefined;
  const start = async (behaviour: string) => {
    const made = managed(behaviour);
    open = made.subject;
    await made.subject.start();
    return made;
  };
  afterEach(() => open?.stop(0));

  it('says with which last words a process ended before it was ready', async () => {
    const failure = await start('broken').catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(EndedEarly);
    expect(failure).to.deep.include({ exitCode: 3, lines: ['the last words'] });
    expect(String(failure)).to.contain('exited with code 3');
  });

  it('starts a dead one again, and waits longer after each death', async () => {
    const { subject, notes } = await start('good');
    const pids = [subject.pid];
    for (let death = 0; death < 3; death += 1) {
      await subject.kill('SIGKILL');
      expect(subject.pid).to.equal(undefined);
      await subject.whenReady();
      pids.push(subject.pid);
    }
    expect(new Set(pids).size).to.equal(4);
    expect(notes.filter(note => note.includes('starting it again'))).to.deep.equal([
      'was killed by SIGKILL; starting it again in 0.1 s',
      'was killed by SIGKILL; starting it again in 0.2 s',
      'was killed by SIGKILL; starting it again in 0.4 s',
    ]);
  });

  it('restarts on request, and leaves one alone that was stopped', async () => {
    const { subject, notes } = await start('good');
    const before = subject.pid;
    await subject.restart();
    expect(subject.pid).to.be.a('number').and.not.equal(before);
    expect(await subject.stop(5_000)).to.equal(true);
    expect(subject.pid).to.equal(undefined);
    expect(notes).to.deep.equal([]);
  });

  it('stops one that is waiting for its next start', async () => {
    const { subject } = await start('good');
    await subject.kill('SIGKILL');
    expect(await subject.stop(5_000)).to.equal(true);
    expect(subject.pid).to.equal(undefined);
  });

  it('kills one that will not stop, with everything that it has started', async () => {
    const { subject, lines } = await start('parent');
    const grandchild = await retry(async () => Number(/\d+/.exec(lines.join())?.[0] ?? Promise.reject()));
    expect(isAlive(grandchild)).to.equal(true);
    await subject.stop(0);
    await retry(async () => expect(isAlive(grandchild)).to.equal(false), { baseMs: 10 });
    const stubborn = await start('stubborn');
    expect(await stubborn.subject.stop(100)).to.equal(false);
  });

  it('says how it could not be started', async () => {
    const missing = new ManagedProcess({
      name: 'missing',
      spawn: () => spawn('/no/such/program', { stdio: ['ignore', 'pipe', 'pipe'] }),
      ready: { line: 'ready' },
      stopSignal: 'SIGTERM',
      onLine: () => {},
      onNote: () => {},
    });
    expect(String(await missing.start().catch((error: unknown) => error))).to.contain('ENOENT');
  });
});
