import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const fixture = fileURLToPath(new URL('./fixtures/process.ts', import.meta.url));

function run(env: Record<string, string>) {
  const child = fork(fixture, { silent: true, env: { ...process.env, FIXTURE_PORT: '1', ...env } });
  let output = '';
  child.stdout?.on('data', data => (output += data));
  child.stderr?.on('data', data => (output += data));
  return { child, ended: ended(child), output: () => output };
}

/** Not the child's 'close' event: Node leaves it out when it was the parent who disconnected. */
async function ended(child: ChildProcess): Promise<number | null> {
  const streams = [child.stdout, child.stderr].filter(stream => stream !== null);
  const [[code]] = await Promise.all([once(child, 'exit'), ...streams.map(stream => once(stream, 'close'))]);
  return code;
}

describe('runProcess', () => {
  it('tells its parent when it is ready and closes in reverse order on SIGTERM', async () => {
    const { child, ended, output } = run({});
    expect((await once(child, 'message'))[0]).to.deep.equal({ ready: true });
    child.kill('SIGTERM');
    expect(await ended).to.equal(0);
    expect(output()).to.match(/closed last[\s\S]*closed first[\s\S]*stopped/);
  });

  it('leaves Ctrl-C to its parent, and stops when the parent is gone', async () => {
    const { child, ended, output } = run({});
    await once(child, 'message');
    child.kill('SIGINT');
    child.disconnect();
    expect(await ended).to.equal(0);
    expect(output()).to.contain('the launcher is gone').and.not.contain('SIGINT');
  });

  it('prints bad configuration without a stack and exits with 78', async () => {
    const { ended, output } = run({ FIXTURE_PORT: 'many' });
    expect(await ended).to.equal(78);
    expect(output()).to.contain('FIXTURE_PORT: ').and.not.contain('    at ');
  });

  it('refuses an unknown log level', async () => {
    const { ended, output } = run({ LOG_LEVEL: 'loud' });
    expect(await ended).to.equal(78);
    expect(output()).to.contain('LOG_LEVEL: ');
  });

  it('closes what is open when the start fails, and exits with 1', async () => {
    const { ended, output } = run({ FIXTURE: 'bad start' });
    expect(await ended).to.equal(1);
    expect(output()).to.contain('no way').and.contain('closed first');
  });

  it('crashes on a program error', async () => {
    const { ended, output } = run({ FIXTURE: 'crash' });
    expect(await ended).to.equal(1);
    expect(output()).to.contain('a bug');
  });

  it('runs the other shutdown steps when one fails, and exits with 1', async () => {
    const { child, ended, output } = run({ FIXTURE: 'bad shutdown' });
    await once(child, 'message');
    child.kill('SIGTERM');
    expect(await ended).to.equal(1);
    expect(output()).to.contain('could not close').and.contain('closed first');
  });
});
