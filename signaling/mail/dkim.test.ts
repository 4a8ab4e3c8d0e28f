import { createHash, createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError, readConfig } from '@cratersync/infra/runtime';
import { expect } from 'chai';
import { mailConfigTo } from './fixtures/mail-config.ts';
import { startMailServer } from './fixtures/mail-server.ts';
import { mailShape, openPost } from './post.ts';
import { signInCodeMail } from './sign-in-code.ts';

const relaxedBody = (body: string) =>
  `${body
    .split('\r\n')
    .map(line => line.replace(/[ \t]+/g, ' ').trimEnd())
    .join('\r\n')
    .replace(/(\r\n)*$/, '')}\r\n`;

function relaxedHeader(field: string): string {
  const [, name = '', value = ''] = /^([^:]+):(.*)$/s.exec(field) ?? [];
  return `${name.trim().toLowerCase()}:${value
    .replace(/\r\n/g, '')
    .replace(/[ \t]+/g, ' ')
    .trim()}`;
}

/** As a receiver does it (RFC 6376, relaxed/relaxed). @returns the signature's tags, or what does not hold */
function checked(message: string, publicKey: string): Record<string, string> | string {
  const [head = '', ...rest] = message.split('\r\n\r\n');
  const fields = head.split(/\r\n(?![ \t])/);
  const own = fields.find(field => /^dkim-signature:/i.test(field)) ?? '';
  const tags = Object.fromEntries(
    own
      .slice(own.indexOf(':') + 1)
      .split(';')
      .map(tag => [
        tag.slice(0, tag.indexOf('=')).trim(),
        tag.slice(tag.indexOf('=') + 1).replace(/\s/g, ''),
      ]),
  ) as Record<string, string>;
  const bodyHash = createHash('sha256')
    .update(relaxedBody(rest.join('\r\n\r\n')))
    .digest('base64');
  if (bodyHash !== tags['bh']) return 'the body was changed';
  const signed = (tags['h'] ?? '')
    .split(':')
    .flatMap(name =>
      fields.filter(field => field.toLowerCase().startsWith(`${name.toLowerCase()}:`)).slice(-1),
    );
  const bare = relaxedHeader(own).replace(/(;\s*b=)[^;]*/, '$1');
  const data = Buffer.from([...signed.map(relaxedHeader), bare].join('\r\n'));
  const key = createPublicKey(publicKey);
  return verify('sha256', data, key, Buffer.from(tags['b'] ?? '', 'base64')) ? tags : 'the head was changed';
}

describe('signed mail', () => {
  let folder: string;
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cratersync-dkim-'));
    await writeFile(join(folder, 'dkim.pem'), privateKey);
    await writeFile(join(folder, 'none.pem'), 'no key');
  });
  after(() => rm(folder, { recursive: true }));
  const settings = () => ({
    SMTP_HOST: '127.0.0.1',
    MAIL_FROM: 'CraterSync <no-reply@example.org>',
    DKIM_DOMAIN: 'example.org',
    DKIM_SELECTOR: 'mail2026',
    DKIM_KEY_FILE: join(folder, 'dkim.pem'),
  });

  it('holds for a receiver, and not once a word is changed', async () => {
    const server = await startMailServer();
    const post = openPost(mailConfigTo(server.port, settings()));
    const rita = { email: 'rita@example.org', language: 'fr', timeZone: null } as const;
    await post.send(rita.email, signInCodeMail(rita, '012345'));
    const [message = ''] = server.messages;
    expect(checked(message, publicKey)).to.include({ d: 'example.org', s: 'mail2026', a: 'rsa-sha256' });
    expect(checked(message.replace(/012345(?!.*012345)/s, '012346'), publicKey)).to.equal(
      'the body was changed',
    );
    expect(checked(message.replace('no-reply@', 'ceo@'), publicKey)).to.equal('the head was changed');
    post.close();
    await server.close();
  });

  it('takes all three settings, and a key that can sign', () => {
    const { DKIM_SELECTOR: _, ...without } = settings();
    expect(() => openPost(mailConfigTo(25, without))).to.throw(ConfigError, /DKIM_SELECTOR is not set/);
    const wrong = { ...settings(), DKIM_KEY_FILE: join(folder, 'none.pem') };
    expect(() => readConfig(mailShape, wrong)).to.throw(
      ConfigError,
      /DKIM_KEY_FILE: no file with a private key/,
    );
  });
});
