import { hostname } from 'node:os';
import { z } from 'zod';
import { keysShape } from './keys/index.ts';
import { storeShape } from './store/index.ts';

/** The recorder's environment; the table in README.md says what each means. */
export const recorderShape = {
  ...storeShape,
  ...keysShape,
  DATA_DIR: z.string().default('./.data'),
  /** Where this recorder's journal lies; no two may share one. Default: recorder under DATA_DIR. */
  RECORDER_DIR: z.string().optional(),
  SIGNALING_URL: z.url().default('http://127.0.0.1:3000'),
  NODE_SECRET: z.string().min(32, 'at least 32 characters'),
  NODE_ID: z.string().max(100).default(`recorder-${hostname()}`),
  /** Where taps arrive: the address at which the SFUs reach this machine. */
  TAP_IP: z.ipv4().default('127.0.0.1'),
  /** Whether taps are SRTP: `auto`, where they arrive elsewhere than on loopback; or `always`. */
  TAP_SRTP: z.enum(['auto', 'always']).default('auto'),
  /** How taps are read: by the compiled addon, by Node's sockets, or by whichever there is. */
  RECORDER_UDP: z.enum(['auto', 'native', 'node']).default('auto'),
  /** The disk must be able to hold a new recording for so long while the store is away, or it is refused. */
  RECORDER_PLANNED_HOURS: z.coerce.number().nonnegative().max(1000).default(2),
  /** Besides, a recording is refused when less is free where DATA_DIR lies. Below a quarter of it only sound is kept. */
  RECORDER_MIN_FREE_BYTES: z.coerce
    .number()
    .int()
    .nonnegative()
    .default(2 ** 30),
};
