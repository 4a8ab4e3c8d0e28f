import { ConfigError, readConfig } from '@cratersync/infra/runtime';
import { z } from 'zod';
import { signUpSetting } from './accounts/sign-up.ts';
import { billingShape } from './billing/config.ts';
import { operatorFile } from './http/public/operator.ts';
import { mailShape } from './mail/post.ts';
import { type Region, region } from './protocol/index.ts';
import { turnShape } from './turn.ts';

const secret = z.string().min(32, 'at least 32 characters');
const made = 'made once, in `DATA_DIR/secrets`';
const port = z.coerce.number().int().min(1).max(65535);

/** Signaling's environment; the table in README.md is made of it. */
export const signalingShape = {
  HOST: z.string().default('127.0.0.1').describe('where signaling listens'),
  PORT: port.default(3000).describe('where signaling listens'),
  PUBLIC_URL: z
    .url({ protocol: /^https?$/, error: 'not an http(s) address' })
    .refine(url => new URL(url).href === `${new URL(url).origin}/`, 'only scheme, host and port; no path')
    .optional()
    .meta({
      description:
        'how browsers reach it: links begin with it, requests from other origins are refused; everything but localhost needs https',
      shown: '`http://localhost:PORT`',
    }),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).meta({
    description: 'PostgreSQL 16 or newer: for the launcher as its owner, for a process as its own role',
    shown: 'with `make start` the embedded PostgreSQL',
  }),
  NODE_SECRET: secret.meta({ description: 'shared by the processes: who knows it may dial in', shown: made }),
  NODE_SECRET_PREVIOUS: secret
    .optional()
    .describe('what it was before it was rotated, while something needs it ([docs/keys.md](docs/keys.md))'),
  CODE_PEPPER: secret.meta({ description: 'protects sign-in codes', shown: made }),
  CODE_PEPPER_PREVIOUS: secret.optional().describe('the same of the pepper'),
  SEALING_KEY: secret.meta({
    description:
      'seals webhooks’ secrets, and answers that are kept for repeated requests, in the database; receipts, links to files and organizations’ names in metrics are made with keys of it',
    shown: made,
  }),
  SEALING_KEY_PREVIOUS: secret.optional().describe('the same of the sealing key'),
  RECEIPT_KEYS_FORMER: z
    .string()
    .default('')
    .transform(keys => keys.split(',').filter(key => key !== ''))
    .meta({
      description: 'public keys of receipts from before `SEALING_KEY` was rotated, with commas between them',
      shown: '`DATA_DIR/secrets/former-receipt-keys`',
    }),
  WORKER_URL: z
    .url()
    .default('http://127.0.0.1:3100')
    .describe('where signaling reaches the worker that serves downloads'),
  WORKER_URL_CA: z.url().optional().meta({ description: 'that of a region', shown: '`WORKER_URL`' }),
  WORKER_URL_FR: z.url().optional().meta({ description: 'that of a region', shown: '`WORKER_URL`' }),
  REGIONS: z
    .string()
    .transform(text => text.split(',').map(each => each.trim()))
    .pipe(z.array(region).min(1))
    .optional()
    .meta({
      description:
        'the regions that have nodes of their own, `ca,fr`; nodes without one are refused then ([docs/operations.md](docs/operations.md#two-regions))',
      shown: 'none: one store for all',
    }),
  SIGN_UP: signUpSetting
    .default('open')
    .describe(
      'who may have an account made: `open`, `invited` (into an organization), or mail domains with commas between',
    ),
  ...turnShape,
  ...mailShape,
  ...billingShape,
  API_REQUESTS_PER_MINUTE: z.coerce
    .number()
    .int()
    .min(1)
    .default(600)
    .describe('of one API token or signed-in browser; an address may have ten times as many'),
  WEBHOOK_ALLOW_PRIVATE: z
    .stringbool()
    .default(false)
    .describe('`true` lets webhooks lead to private addresses, and be plain HTTP'),
  PUBLIC_PAGES: z.stringbool('on or off').default(false).meta({
    description:
      '`on` shows home, pricing (with Stripe), security, privacy, terms, sub-processors and status to whoever is not signed in. [docs/public-pages.md](docs/public-pages.md)',
    shown: '`off`',
  }),
  OPERATOR_FILE: operatorFile
    .optional()
    .meta({ description: 'who runs the service, for those pages; needed where they are on', shown: 'none' }),
  GA_MEASUREMENT_ID: z
    .string()
    .regex(/^G-[A-Z0-9]{4,20}$/, 'looks like G-ABCDE12345')
    .optional()
    .describe('Google Analytics 4 on those pages, and nowhere else'),
  COUNTRY_HEADER: z
    .string()
    .regex(/^[A-Za-z][A-Za-z0-9-]*$/, 'the name of a header, such as CF-IPCountry')
    .optional()
    .describe(
      'in which a proxy on this machine says where somebody comes from; where it says nothing, visits are counted only after a yes',
    ),
  DEV_INBOX_URL: z
    .url()
    .optional()
    .describe('the embedded inbox, shown at /dev/inbox; never set it where people are served'),
};

export type SignalingConfig = z.output<z.ZodObject<typeof signalingShape>> & { PUBLIC_URL: string };

/** @throws ConfigError */
export function readSignalingConfig(env: NodeJS.ProcessEnv): SignalingConfig {
  const config = readConfig(signalingShape, env);
  if (config.PUBLIC_PAGES && config.OPERATOR_FILE === undefined)
    throw new ConfigError(['OPERATOR_FILE is not set: PUBLIC_PAGES have to say who runs this service']);
  return { ...config, PUBLIC_URL: config.PUBLIC_URL ?? `http://localhost:${config.PORT}` };
}

/** Which worker has what is recorded in a region. */
export const workerUrlOf = (
  config: Pick<SignalingConfig, 'WORKER_URL' | 'WORKER_URL_CA' | 'WORKER_URL_FR'>,
  of: Region | null,
) =>
  (of === null ? undefined : { ca: config.WORKER_URL_CA, fr: config.WORKER_URL_FR }[of]) ?? config.WORKER_URL;
