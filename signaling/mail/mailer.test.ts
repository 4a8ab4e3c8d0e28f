import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { expect } from 'chai';
import type { AppError } from '../protocol/index.ts';
import { mailConfigTo } from './fixtures/mail-config.ts';
import { startMailServer } from './fixtures/mail-server.ts';
import { createMailer, type Mailer } from './mailer.ts';

const mailerTo = (port: number): Mailer => createMailer(mailConfigTo(port));
const rita = { email: 'rita@example.org', language: 'en', timeZone: null } as const;
const codeOf = (sending: Promise<void>) =>
  sending.then(
    () => 'sent',
    (error: AppError) => error.code,
  );

describe('the mailer', () => {
  it('sends the code as text and as HTML, with the code in the subject', async () => {
    const server = await startMailServer();
    const mailer = mailerTo(server.port);
    await mailer.sendSignInCode(rita, '012345');
    const [message = ''] = server.messages;
    expect(message).to.match(/^From: CraterSync <no-reply@example\.org>\r$/m);
    expect(message).to.match(/^To: rita@example\.org\r$/m);
    expect(message).to.match(/^Subject: 012345 is your CraterSync sign-in code\r$/m);
    expect(message.match(/012345/g)).to.have.lengthOf(3);
    mailer.close();
    await server.close();
  });

  it('sends on after the mail server was restarted', async () => {
    const first = await startMailServer();
    const mailer = mailerTo(first.port);
    await mailer.sendSignInCode(rita, '111111');
    await first.close();
    expect(await codeOf(mailer.sendSignInCode(rita, '222222'))).to.equal('unavailable');
    const second = await startMailServer(first.port);
    expect(await codeOf(mailer.sendSignInCode(rita, '333333'))).to.equal('sent');
    expect(second.newestCode()).to.equal('333333');
    mailer.close();
    await second.close();
  });

  it('takes one lost connection in its stride', async () => {
    const server = await startMailServer();
    let connections = 0;
    const flaky = createServer(socket => {
      connections += 1;
      if (connections === 1) socket.destroy();
      else socket.pipe(connect(server.port, '127.0.0.1')).pipe(socket);
    });
    flaky.listen(0, '127.0.0.1');
    await once(flaky, 'listening');
    const mailer = mailerTo((flaky.address() as AddressInfo).port);
    expect(await codeOf(mailer.sendSignInCode(rita, '444444'))).to.equal('sent');
    expect(server.messages).to.have.lengthOf(1);
    mailer.close();
    flaky.close();
    await server.close();
  });
});
