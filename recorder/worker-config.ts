import { availableParallelism } from 'node:os';
import { billingShape } from '@cratersync/signaling/billing';
import { mailShape } from '@cratersync/signaling/mail';
import { z } from 'zod';
import { keysShape } from './keys/index.ts';
import { storeShape } from './store/index.ts';

/** The worker's environment; the table in README.md says what each means. */
export const workerShape = {
  ...storeShape,
  ...keysShape,
  ...mailShape,
  ...billingShape,
  DATA_DIR: z.string().default('./.data'),
  DATABASE_URL: z.url(),
  /** Of the server itself, where DATABASE_URL leads to a pooler: the queue listens. */
  DATABASE_DIRECT_URL: z.url().optional(),
  NODE_SECRET: z.string().min(32, 'at least 32 characters'),
  /** What it was before it was rotated: signaling may still ask by it. */
  NODE_SECRET_PREVIOUS: z.string().optional(),
  /** Downloads and health, on loopback. It also tells workers apart: no two on one machine can have the same. */
  WORKER_PORT: z.coerce.number().int().min(1).max(65_535).default(3100),
  /** Opens webhooks' secrets, and makes the key that receipts are signed with; signaling has the same. */
  SEALING_KEY: z.string().min(32, 'at least 32 characters'),
  /** What it was before: it opens what is not sealed anew yet. */
  SEALING_KEY_PREVIOUS: z.string().optional(),
  /** Organizations' keys that are older get a new version. 0: none does by itself. */
  KEY_ROTATION_DAYS: z.coerce.number().int().min(0).max(3650).default(0),
  /** Webhooks may lead to private addresses. */
  WEBHOOK_ALLOW_PRIVATE: z.stringbool().default(false),
  /** Stems rendered at the same time. */
  WORKER_PARALLEL: z.coerce.number().int().min(1).default(availableParallelism()),
};
