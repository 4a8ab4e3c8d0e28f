import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';

const main = path.join(import.meta.dirname, 'main.ts');

describe('make start', function () {
  this.timeout(60_000);
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'cratersync-main-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  /** Runs the launcher to its end, which it must come to by itself. */
  const start = async (settings: NodeJS.ProcessEnv) => {
    const env = { ...process.env, DATA_DIR: folder, ...settings };
    const launcher = spawn(process.execPath, [main], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    const [said, advised, [code]] = await Promise.all([
      text(launcher.stdout),
      text(launcher.stderr),
      once(launcher, 'exit'),
    ]);
    expect(said).not.to.contain('is ready at');
    return { code, advised };
  };

  it('ends and says what to do when the port is in use', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (typeof address !== 'object' || address === null) throw new Error('not a TCP server');
    const { code, advised } = await start({ PORT: String(address.port) });
    server.close();
    expect(code).to.equal(1);
    expect(advised)
      .to.contain(`Port ${address.port} is already in use`)
      .and.contain('choose another')
      .and.not.contain(' at ');
  });

  it('ends and says what to do when PostgreSQL cannot be reached', async () => {
    const DATABASE_URL = 'postgres://owner:a-secret@127.0.0.1:1/moon';
    const { code, advised } = await start({ PORT: '0', DATABASE_URL });
    expect(code).to.equal(1);
    expect(advised)
      .to.contain('PostgreSQL at 127.0.0.1:1/moon is not reachable')
      .and.contain('Correct DATABASE_URL, or unset it to use the embedded PostgreSQL.')
      .and.not.contain('a-secret');
  });

  it('asks for the pooler where the server behind it is given', async () => {
    const DATABASE_DIRECT_URL = 'postgres://owner:a-secret@127.0.0.1:1/moon';
    const { advised } = await start({ PORT: '0', DATABASE_DIRECT_URL });
    expect(advised).to.contain('set DATABASE_URL, too').and.not.contain('a-secret');
  });

  it('names every setting that is wrong', async () => {
    const { code, advised } = await start({ PORT: 'three', NODE_SECRET: 'short' });
    expect(code).to.equal(1);
    expect(advised).to.contain('PORT').and.contain('NODE_SECRET');
  });
});
