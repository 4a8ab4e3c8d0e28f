import path from 'node:path';
import { ConfigError, readConfig } from '@cratersync/infra/runtime';
import { z } from 'zod';

const secret = z.string().min(32, 'at least 32 characters').optional();

export const settingsShape = {
  DATA_DIR: z.string().default('./.data'),
  HOST: z.string().default('127.0.0.1'),
  PORT: z.coerce.number().int().min(0).max(65535).default(3000),
  PUBLIC_URL: z.url().optional(),
  /** The owner's URL of a server that replaces the embedded PostgreSQL. */
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  /** The owner's URL of the server itself, where DATABASE_URL leads to a pooler in front of it. */
  DATABASE_DIRECT_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  SMTP_HOST: z.string().optional(),
  /** The first of four that follow on each other: signaling, SFU, recorder, worker. Default: free ones. */
  METRICS_PORT: z.coerce.number().int().min(1).max(65_532).optional(),
  LOG_FORMAT: z
    .enum(['readable', 'json'])
    .default('readable')
    .describe(
      'how `make start` shows what the processes log; `json` forwards their own lines, those of single requests too',
    ),
  NODE_SECRET: secret,
  NODE_SECRET_PREVIOUS: secret,
  CODE_PEPPER: secret,
  CODE_PEPPER_PREVIOUS: secret,
  SEALING_KEY: secret,
  SEALING_KEY_PREVIOUS: secret,
  RECEIPT_KEYS_FORMER: z.string().optional(),
  MEDIASOUP_WORKER_BIN: z.string().optional(),
};

export type Settings = z.output<z.ZodObject<typeof settingsShape>>;

/** What the launcher itself reads; the rest of the environment is the processes' own. @throws ConfigError */
export function readSettings(env: NodeJS.ProcessEnv): Settings {
  const settings = readConfig(settingsShape, env);
  if (settings.DATABASE_DIRECT_URL !== undefined && settings.DATABASE_URL === undefined)
    throw new ConfigError(['DATABASE_DIRECT_URL: set DATABASE_URL, too (to the pooler)']);
  return { ...settings, DATA_DIR: path.resolve(settings.DATA_DIR) };
}
