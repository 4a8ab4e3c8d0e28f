import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import { readConfig, runProcess } from '@cratersync/infra/runtime';
import { simpleParser } from 'mailparser';
import { SMTPServer, type SMTPServerDataStream } from 'smtp-server';
import { z } from 'zod';
import { type InboxMessage, inboxPage } from './inbox-page.ts';

/** Only the newest are kept, in memory. */
const maxMessages = 200;
const maxMessageBytes = 1024 * 1024;

const port = z.coerce.number().int().min(1).max(65535);
const inboxShape = {
  SMTP_PORT: port,
  /** `GET /`: a page; `GET /messages`: `InboxMessage[]`, the newest first. */
  INBOX_PORT: port,
};

/** The mail server of the embedded stack: takes every message, delivers none, shows all. */
runProcess('inbox', async ({ log, onShutdown, env }) => {
  const config = readConfig(inboxShape, env);
  const messages: InboxMessage[] = [];
  let received = 0;

  const receive = async (stream: SMTPServerDataStream): Promise<void> => {
    const mail = await simpleParser(stream);
    if (stream.sizeExceeded) throw new Error('That message is too large for this inbox.');
    received += 1;
    const message = toMessage(String(received), mail);
    messages.unshift(message);
    messages.length = Math.min(messages.length, maxMessages);
    if (message.code === undefined) log.info(`mail for ${message.to}: ${message.subject}`);
    else log.info(`sign-in code for ${message.to}: ${message.code}`);
  };
  const smtp = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    size: maxMessageBytes,
    onData: (stream, _session, callback) => {
      receive(stream).then(() => callback(), callback);
    },
  });
  smtp.on('error', error => log.warn({ err: error }, 'a mail connection failed'));
  smtp.listen(config.SMTP_PORT, '127.0.0.1');
  await once(smtp.server, 'listening');
  onShutdown(() => smtp.close());

  const http = createServer((request, response) => {
    if (request.url === '/') reply(response, 'text/html; charset=utf-8', inboxPage(messages));
    else if (request.url === '/messages') reply(response, 'application/json', JSON.stringify(messages));
    else response.writeHead(404).end();
  });
  http.listen(config.INBOX_PORT, '127.0.0.1');
  await once(http, 'listening');
  onShutdown(() => {
    http.close();
    http.closeAllConnections();
  });
});

function reply(response: ServerResponse, type: string, body: string): void {
  response.writeHead(200, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
}

function toMessage(id: string, mail: Awaited<ReturnType<typeof simpleParser>>): InboxMessage {
  const to = [mail.to ?? []].flat().map(address => address.text);
  const subject = mail.subject ?? '';
  const text = mail.text ?? '';
  const code = /\b\d{6}\b/.exec(subject)?.[0];
  return {
    id,
    to: to.join(', '),
    subject,
    text,
    html: mail.html || '',
    date: (mail.date ?? new Date()).toISOString(),
    ...(code === undefined ? {} : { code }),
  };
}
