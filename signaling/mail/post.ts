import { createPrivateKey, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ConfigError } from '@cratersync/infra/runtime';
import { createTransport } from 'nodemailer';
import { z } from 'zod';
import type { Message } from './letter.ts';
import { MessageIds, type Sending } from './message-ids.ts';
import { type Verdict, verdictOn } from './verdict.ts';

const TIMEOUT_MS = 5000;

/** @returns the private key in a PEM file */
function keyIn(file: string, context: z.RefinementCtx): string {
  try {
    const pem = readFileSync(file, 'utf8');
    if (createPrivateKey(pem).asymmetricKeyType === 'rsa') return pem;
    context.addIssue({ code: 'custom', message: 'is no RSA key: make one by `openssl genrsa 2048`' });
  } catch {
    context.addIssue({ code: 'custom', message: 'no file with a private key in PEM that can be read' });
  }
  return z.NEVER;
}

/** The environment of a process that sends mail; the table in README.md says what each means. */
export const mailShape = {
  SMTP_HOST: z
    .string()
    .meta({ description: 'the mail server', shown: 'with `make start` the embedded inbox' }),
  SMTP_PORT: z.coerce.number().int().min(1).max(65535).default(587).describe('its port'),
  SMTP_USER: z.string().optional().describe('who we are there'),
  SMTP_PASSWORD: z.string().optional().describe('and the password'),
  SMTP_SECURE: z
    .stringbool()
    .default(false)
    .describe('`true`: TLS from the first byte (port 465); `false`: STARTTLS where the server offers it'),
  MAIL_FROM: z.string().default('CraterSync <no-reply@localhost>').describe('whom mails are from'),
  MAIL_RETURN_PATH: z.email().optional().meta({
    description:
      'where mail servers send what they could not deliver, which `cratersync mail bounce` reads ([docs/operations.md](docs/operations.md#mail))',
    shown: 'the address of `MAIL_FROM`',
  }),
  DKIM_DOMAIN: z
    .hostname()
    .optional()
    .describe('signs mail, so that receivers can tell that it is from that domain; all of DKIM_* or none'),
  DKIM_SELECTOR: z
    .string()
    .regex(/^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$/, 'letters, digits, hyphens and dots')
    .optional()
    .describe('the name under `_domainkey` there, whose TXT record has the public key'),
  DKIM_KEY_FILE: z
    .string()
    .transform(keyIn)
    .optional()
    .meta({ description: 'the private key (RSA, PEM)', shown: 'none' }),
};
export type MailConfig = z.output<z.ZodObject<typeof mailShape>> & { SEALING_KEY: string };

/** Hands messages to the mail server, over connections that are kept. */
export interface Post {
  /**
   * @param sending makes its Message-ID, so that a server that is given it twice can tell
   * @throws whatever nodemailer throws when the server does not take it
   */
  send(email: string, message: Message, sending?: Sending): Promise<void>;
  close(): void;
}

export interface SentMail {
  outcome: 'sent' | Verdict;
  ms: number;
}

export interface PostOptions {
  /** Hears how each message went. */
  onSent?: (sent: SentMail) => void;
  /** How many are handed over at the same time. */
  connections?: number;
}

/** @throws ConfigError when something is missing for signing */
export function openPost(config: MailConfig, { onSent = () => {}, connections = 5 }: PostOptions = {}): Post {
  const { SMTP_USER: user, SMTP_PASSWORD: pass, MAIL_FROM: from, MAIL_RETURN_PATH } = config;
  const transport = createTransport({
    pool: true,
    maxConnections: connections,
    host: config.SMTP_HOST,
    port: config.SMTP_PORT,
    secure: config.SMTP_SECURE,
    ...(user === undefined ? {} : { auth: { user, pass: pass ?? '' } }),
    ...signing(config),
    connectionTimeout: TIMEOUT_MS,
    greetingTimeout: TIMEOUT_MS,
    socketTimeout: TIMEOUT_MS,
  });
  const ids = new MessageIds(config.SEALING_KEY);
  const domain = /@([^\s>]+)>?$/.exec(from)?.[1] ?? 'localhost';
  return {
    send: async (email, message, sending = newSending()) => {
      const mail = {
        ...{ from, to: email, ...message, messageId: `<${ids.make(sending, email)}@${domain}>` },
        ...(MAIL_RETURN_PATH !== undefined && { envelope: { from: MAIL_RETURN_PATH, to: email } }),
      };
      const startMs = performance.now();
      const tell = (outcome: SentMail['outcome']) => onSent({ outcome, ms: performance.now() - startMs });
      try {
        await transport.sendMail(mail).catch((error: unknown) => {
          if (!isLostConnection(error)) throw error;
          return transport.sendMail(mail);
        });
        tell('sent');
      } catch (error) {
        tell(verdictOn(error));
        throw error;
      }
    },
    close: () => transport.close(),
  };
}

const newSending = (): Sending => ({ id: `mail-${randomBytes(8).toString('hex')}`, at: new Date() });

/** A pooled connection may have been closed by the server since it was last used (421): the second try has a new one. */
const isLostConnection = (error: unknown): boolean =>
  !(error instanceof Error && 'responseCode' in error) || error.responseCode === 421;

function signing({ DKIM_DOMAIN, DKIM_SELECTOR, DKIM_KEY_FILE }: MailConfig) {
  const given = { DKIM_DOMAIN, DKIM_SELECTOR, DKIM_KEY_FILE };
  const missing = Object.entries(given).flatMap(([name, value]) => (value === undefined ? [name] : []));
  if (missing.length === 3) return {};
  if (DKIM_DOMAIN === undefined || DKIM_SELECTOR === undefined || DKIM_KEY_FILE === undefined)
    throw new ConfigError(missing.map(name => `${name} is not set: mail is signed with all three or none`));
  return { dkim: { domainName: DKIM_DOMAIN, keySelector: DKIM_SELECTOR, privateKey: DKIM_KEY_FILE } };
}
