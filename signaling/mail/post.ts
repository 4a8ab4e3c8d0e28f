import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ConfigError } from '@cratersync/infra/runtime';
import { createTransport } from 'nodemailer';
import { z } from 'zod';
import type { Message } from './letter.ts';

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
export type MailConfig = z.output<z.ZodObject<typeof mailShape>>;

/** Hands messages to the mail server, over connections that are kept. */
export interface Post {
  /**
   * @param id makes its Message-ID, so that a server that is given it twice can tell
   * @throws whatever nodemailer throws when the server does not take it
   */
  send(email: string, message: Message, id?: string): Promise<void>;
  close(): void;
}

export interface SentMail {
  outcome: 'sent' | 'refused' | 'unreached';
  ms: number;
}

/** The mail server says (RFC 5321, 5yz) that it will never take this message. */
export const isRefused = (error: unknown): boolean =>
  error instanceof Error && 'responseCode' in error && Number(error.responseCode) >= 500;

/**
 * @param onSent hears how each message went
 * @throws ConfigError when something is missing for signing
 */
export function openPost(config: MailConfig, onSent: (sent: SentMail) => void = () => {}): Post {
  const { SMTP_USER: user, SMTP_PASSWORD: pass, MAIL_FROM: from } = config;
  const transport = createTransport({
    pool: true,
    host: config.SMTP_HOST,
    port: config.SMTP_PORT,
    secure: config.SMTP_SECURE,
    ...(user === undefined ? {} : { auth: { user, pass: pass ?? '' } }),
    ...signing(config),
    connectionTimeout: TIMEOUT_MS,
    greetingTimeout: TIMEOUT_MS,
    socketTimeout: TIMEOUT_MS,
  });
  const domain = /@([^\s>]+)>?$/.exec(from)?.[1] ?? 'localhost';
  return {
    send: async (email, message, id) => {
      const mail = {
        ...{ from, to: email, ...message },
        ...(id !== undefined && { messageId: `<${id}@${domain}>` }),
      };
      // A pooled connection may have been closed by the server since it was last used: the second try has a new one.
      const startMs = performance.now();
      const tell = (outcome: SentMail['outcome']) => onSent({ outcome, ms: performance.now() - startMs });
      try {
        await transport.sendMail(mail).catch(() => transport.sendMail(mail));
        tell('sent');
      } catch (error) {
        tell(isRefused(error) ? 'refused' : 'unreached');
        throw error;
      }
    },
    close: () => transport.close(),
  };
}

function signing({ DKIM_DOMAIN, DKIM_SELECTOR, DKIM_KEY_FILE }: MailConfig) {
  const given = { DKIM_DOMAIN, DKIM_SELECTOR, DKIM_KEY_FILE };
  const missing = Object.entries(given).flatMap(([name, value]) => (value === undefined ? [name] : []));
  if (missing.length === 3) return {};
  if (DKIM_DOMAIN === undefined || DKIM_SELECTOR === undefined || DKIM_KEY_FILE === undefined)
    throw new ConfigError(missing.map(name => `${name} is not set: mail is signed with all three or none`));
  return { dkim: { domainName: DKIM_DOMAIN, keySelector: DKIM_SELECTOR, privateKey: DKIM_KEY_FILE } };
}
