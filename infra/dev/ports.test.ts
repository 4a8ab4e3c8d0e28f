import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { assignPorts, checkPort } from './ports.ts';

describe('ports', () => {
  let folder: string;
  let server: Server;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'cratersync-ports-'));
    server = createServer();
  });
  afterEach(() => {
    server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('stay the same from one start to the next, as long as they are free', async () => {
    const first = await assignPorts(folder, ['worker', 'inbox']);
    expect(first.worker).not.to.equal(first.inbox);
    expect(await assignPorts(folder, ['worker', 'inbox'])).to.deep.equal(first);
    server.listen(first.worker, '127.0.0.1');
    await once(server, 'listening');
    const next = await assignPorts(folder, ['worker', 'inbox']);
    expect(next.inbox).to.equal(first.inbox);
    expect(next.worker).not.to.equal(first.worker);
  });

  it('that are taken, and addresses of other machines, are refused with advice', async () => {
    const { web } = await assignPorts(folder, ['web']);
    await checkPort('127.0.0.1', web);
    server.listen(web, '127.0.0.1');
    await once(server, 'listening');
    const taken = await checkPort('127.0.0.1', web).catch(String);
    expect(taken)
      .to.contain(`Port ${web} is already in use`)
      .and.contain(`PORT=${web + 1}`);
    expect(await checkPort('192.0.2.1', web).catch(String)).to.contain('HOST=192.0.2.1');
  });
});
