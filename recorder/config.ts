import { hostname } from 'node:os';
import { region } from '@cratersync/signaling/protocol';
import { z } from 'zod';
import { keysShape } from './keys/index.ts';
import { storeShape } from './store/index.ts';

/** The recorder's environment; the table in README.md says what each means. */
export const recorderShape = {
  ...storeShape,
  ...keysShape,
  RECORDER_DIR: z
    .string()
    .optional()
    .meta({ description: 'a recorder’s journal; each recorder has its own', shown: '`DATA_DIR/recorder`' }),
  SIGNALING_URL: z.url().default('http://127.0.0.1:3000'),
  NODE_SECRET: z.string().min(32, 'at least 32 characters'),
  NODE_ID: z.string().max(100).default(`recorder-${hostname()}`),
  NODE_REGION: region
    .optional()
    .describe('whose organizations a node or worker serves: `ca` or `fr`; without it, all'),
  TAP_IP: z.ipv4().default('127.0.0.1'),
  TAP_SRTP: z
    .enum(['auto', 'always'])
    .default('auto')
    .describe('`auto` takes plain RTP on loopback and SRTP elsewhere; `always` takes SRTP alone'),
  RECORDER_UDP: z
    .enum(['auto', 'native', 'node'])
    .default('auto')
    .describe(
      'how taps are read: `native` (the compiled addon), `node` (Node’s sockets), or whichever there is',
    ),
  RECORDER_PLANNED_HOURS: z.coerce
    .number()
    .nonnegative()
    .max(1000)
    .default(2)
    .describe('a recording is refused unless the disk could hold so much of it while the store is away'),
  RECORDER_MIN_FREE_BYTES: z.coerce
    .number()
    .int()
    .nonnegative()
    .default(2 ** 30)
    .meta({
      description: 'besides, so much is kept free; below a quarter of it only sound is recorded',
      shown: '1 GiB',
    }),
};
