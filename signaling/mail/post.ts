import { createTransport } from 'nodemailer';
import { z } from 'zod';
import type { Message } from './letter.ts';

const TIMEOUT_MS = 5000;

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

/** @param onSent hears how each message went */
export function openPost(config: MailConfig, onSent: (sent: SentMail) => void = () => {}): Post {
  const { SMTP_USER: user, SMTP_PASSWORD: pass, MAIL_FROM: from } = config;
  const transport = createTransport({
    pool: true,
    host: config.SMTP_HOST,
    port: config.SMTP_PORT,
    secure: config.SMTP_SECURE,
    ...(user === undefined ? {} : { auth: { user, pass: pass ?? '' } }),
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
