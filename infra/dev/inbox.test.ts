import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import type { InboxMessage } from './inbox-page.ts';
import { assignPorts } from './ports.ts';

const main = fileURLToPath(new URL('./inbox.ts', import.meta.url));

/** One mail, spoken to the server line by line; resolves with its last answer. */
async function send(port: number, to: string, subject: string, text: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  const answers = createInterface({ input: socket })[Symbol.asyncIterator]();
  const body = `Subject: ${subject}\r\nTo: ${to}\r\n\r\n${text}\r\n.`;
  for (const line of ['HELO test', 'MAIL FROM:<a@example.org>', `RCPT TO:<${to}>`, 'DATA', body]) {
    await answers.next();
    socket.write(`${line}\r\n`);
  }
  const answer = String((await answers.next()).value);
  socket.destroy();
  return answer;
}

describe('the mail inbox', () => {
  let folder: string;
  let ports: { smtp: number; inbox: number };
  let inbox: ReturnType<typeof fork>;
  const output: string[] = [];
  const messages = async () => {
    const response = await fetch(`http://127.0.0.1:${ports.inbox}/messages`);
    return (await response.json()) as InboxMessage[];
  };

  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'cratersync-inbox-'));
    ports = await assignPorts(folder, ['smtp', 'inbox']);
    inbox = fork(main, {
      silent: true,
      env: { ...process.env, SMTP_PORT: String(ports.smtp), INBOX_PORT: String(ports.inbox) },
    });
    inbox.stdout?.on('data', data => output.push(String(data)));
    await once(inbox, 'message');
  });
  after(async () => {
    inbox.kill();
    await once(inbox, 'exit');
    rmSync(folder, { recursive: true, force: true });
  });

  it('lists what it received, and says each sign-in code', async () => {
    expect(await send(ports.smtp, 'rita@example.org', '123456 is your code', 'Hello')).to.match(/^250 /);
    expect(await send(ports.smtp, 'bo@example.org', 'Welcome', '<b>No code</b>')).to.match(/^250 /);
    const [newest, oldest] = await messages();
    expect(newest).to.include({ to: 'bo@example.org', subject: 'Welcome' });
    expect(newest).not.to.have.property('code');
    expect(oldest).to.include({ to: 'rita@example.org', code: '123456' });
    expect(output.join('')).to.contain('sign-in code for rita@example.org: 123456');
  });

  it('shows them as text', async () => {
    const page = await (await fetch(`http://127.0.0.1:${ports.inbox}/`)).text();
    expect(page).to.contain('rita@example.org').and.contain('&lt;b&gt;No code').and.not.contain('<b>No code');
  });

  it('refuses a message that is too large, and goes on', async () => {
    const line = `${'x'.repeat(70)}\r\n`;
    expect(await send(ports.smtp, 'rita@example.org', 'Big', line.repeat(20_000))).to.match(/^[45]\d\d /);
    expect(await messages()).to.have.length(2);
  });
});
