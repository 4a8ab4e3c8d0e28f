import { parseArgs } from 'node:util';
import { ConfigError } from '@cratersync/infra/runtime';
import { StoreUnavailable } from '@cratersync/recorder/store';
import { errors } from '@cratersync/signaling/protocol';
import { expect } from 'chai';
import { type Command, UsageError } from './command.ts';
import { dispatch } from './dispatch.ts';

const echo: Command = {
  name: 'echo',
  summary: 'Say something',
  usage: 'Usage: npx cratersync echo [--loud] WORDS',
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args,
      options: { loud: { type: 'boolean' } },
      allowPositionals: true,
    });
    if (positionals.length === 0) throw new UsageError('Say what?');
    if (positionals[0] === 'config') throw new ConfigError(['DATA_DIR is not set']);
    if (positionals[0] === 'store') throw new StoreUnavailable('The store is away.');
    if (positionals[0] === 'erased') throw errors.erased();
    if (positionals[0] === 'bug') throw new Error('a bug');
    const said = positionals.join(' ');
    io.print(values.loud ? said.toUpperCase() : said);
    return 0;
  },
};

async function run(...args: string[]) {
  const out: string[] = [];
  const complaints: string[] = [];
  const code = await dispatch([echo], args, {
    env: {},
    print: line => out.push(line),
    complain: line => complaints.push(line),
    progress: () => {},
    input: async () => Buffer.alloc(0),
    askSecretly: async () => null,
  });
  return { code, out: out.join('\n'), complaints: complaints.join('\n') };
}

describe('npx cratersync', () => {
  it('lists its commands', async () => {
    for (const args of [[], ['--help'], ['help']]) {
      const { code, out } = await run(...args);
      expect(code).to.equal(0);
      expect(out).to.contain('echo  Say something');
    }
  });

  it('runs a command with its arguments', async () => {
    expect(await run('echo', '--loud', 'hello', 'moon')).to.include({ code: 0, out: 'HELLO MOON' });
  });

  it('shows how a command is used', async () => {
    expect(await run('echo', 'x', '--help')).to.include({ code: 0, out: echo.usage });
  });

  it('refuses an unknown command, option or argument with code 2 and says what there is', async () => {
    const command = await run('ecco');
    expect(command.code).to.equal(2);
    expect(command.complaints).to.contain('“ecco”').and.contain('Say something');
    const option = await run('echo', '--lowd', 'x');
    expect(option.code).to.equal(2);
    expect(option.complaints).to.contain('--lowd').and.contain(echo.usage);
    expect((await run('echo')).complaints).to.contain('Say what?');
  });

  it('ends with code 3 and a sentence when what it needs is out of reach', async () => {
    expect(await run('echo', 'store')).to.include({ code: 3, complaints: 'The store is away.' });
    expect(await run('echo', 'erased')).to.include({ code: 3 });
  });

  it('prints bad configuration without a stack, and lets a bug crash', async () => {
    expect(await run('echo', 'config')).to.include({ code: 2 });
    expect(await run('echo', 'bug').catch(String)).to.equal('Error: a bug');
  });
});
