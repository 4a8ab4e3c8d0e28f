import { readConfig } from '@cratersync/infra/runtime';
import { z } from 'zod';
import { signUpSetting } from './accounts/sign-up.ts';
import { billingShape } from './billing/config.ts';
import { mailShape } from './mail/post.ts';

const secret = z.string().min(32, 'at least 32 characters');
const port = z.coerce.number().int().min(1).max(65535);

/** Signaling's environment; the table in README.md says what each means. */
const signalingShape = {
  HOST: z.string().default('127.0.0.1'),
  PORT: port.default(3000),
  /** How browsers reach us: invitation links start with it, and requests from other origins are refused. */
  PUBLIC_URL: z
    .url({ protocol: /^https?$/, error: 'not an http(s) address' })
    .refine(url => new URL(url).href === `${new URL(url).origin}/`, 'only scheme, host and port; no path')
    .optional(),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }),
  NODE_SECRET: secret,
  /** Of each, what it was before it was rotated, as long as something needs that. */
  NODE_SECRET_PREVIOUS: secret.optional(),
  CODE_PEPPER: secret,
  CODE_PEPPER_PREVIOUS: secret.optional(),
  /** Seals what stands in the database and must not be read there: webhooks’ secrets, answers that are kept. */
  SEALING_KEY: secret,
  SEALING_KEY_PREVIOUS: secret.optional(),
  /** Public keys of receipts from before, with commas between them. */
  RECEIPT_KEYS_FORMER: z
    .string()
    .default('')
    .transform(keys => keys.split(',').filter(key => key !== '')),
  WORKER_URL: z.url().default('http://127.0.0.1:3100'),
  /** Who may have an account made: open, invited, or mail domains. */
  SIGN_UP: signUpSetting.default('open'),
  ...mailShape,
  ...billingShape,
  /** Of one token, one signed-in browser; an address may have ten times as many. */
  API_REQUESTS_PER_MINUTE: z.coerce.number().int().min(1).default(600),
  /** Webhooks may lead to private addresses, and be plain HTTP. */
  WEBHOOK_ALLOW_PRIVATE: z.stringbool().default(false),
  /** The embedded stack's mail inbox; shown at /dev/inbox. Never set in production. */
  DEV_INBOX_URL: z.url().optional(),
};

export type SignalingConfig = z.output<z.ZodObject<typeof signalingShape>> & { PUBLIC_URL: string };

/** @throws ConfigError */
export function readSignalingConfig(env: NodeJS.ProcessEnv): SignalingConfig {
  const config = readConfig(signalingShape, env);
  return { ...config, PUBLIC_URL: config.PUBLIC_URL ?? `http://localhost:${config.PORT}` };
}
