import { availableParallelism } from 'node:os';
import { billingShape } from '@cratersync/signaling/billing';
import { mailShape } from '@cratersync/signaling/mail';
import { region } from '@cratersync/signaling/protocol';
import { z } from 'zod';
import { keysShape } from './keys/index.ts';
import { storeShape } from './store/index.ts';

/** The worker's environment; the table in README.md says what each means. */
export const workerShape = {
  ...storeShape,
  ...keysShape,
  ...mailShape,
  ...billingShape,
  DATABASE_URL: z.url(),
  DATABASE_DIRECT_URL: z.url().optional().meta({
    description:
      'the same past a pooler, where `DATABASE_URL` leads to PgBouncer ([docs/operations.md](docs/operations.md#behind-pgbouncer)): the queue listens',
    shown: '`DATABASE_URL`',
  }),
  NODE_SECRET: z.string().min(32, 'at least 32 characters'),
  NODE_SECRET_PREVIOUS: z.string().optional(),
  NODE_REGION: region
    .optional()
    .describe('whose organizations a node or worker serves: `ca` or `fr`; without it, all'),
  WORKER_PORT: z.coerce
    .number()
    .int()
    .min(1)
    .max(65_535)
    .default(3100)
    .describe(
      'the worker’s downloads and health, on loopback; it also tells workers apart, so each has its own',
    ),
  SEALING_KEY: z.string().min(32, 'at least 32 characters'),
  SEALING_KEY_PREVIOUS: z.string().optional(),
  KEY_ROTATION_DAYS: z.coerce
    .number()
    .int()
    .min(0)
    .max(3650)
    .default(0)
    .describe('organizations’ keys that are older get a new version by themselves; 0: none does'),
  LETTERS_PER_HOUR: z.coerce
    .number()
    .int()
    .min(1)
    .max(1_000_000)
    .default(20)
    .describe('letters that a worker sends to one address; more wait. Codes and invitations are no letters'),
  WEBHOOK_ALLOW_PRIVATE: z.stringbool().default(false),
  BACKUP_DIR: z
    .string()
    .optional()
    .describe(
      'where infra/deploy/backup.sh puts what it saves from the database: how old the newest is, is watched',
    ),
  WORKER_PARALLEL: z.coerce
    .number()
    .int()
    .min(1)
    .default(availableParallelism())
    .meta({ description: 'stems, films and mixes rendered at the same time', shown: 'number of cores' }),
};
