import { join } from 'node:path';
import { z } from 'zod';
import type { Keys } from './keys.ts';
import { LocalKeys } from './local.ts';

export { type KeyContext, type Keys, KeysUnavailable } from './keys.ts';

/** The environment of a process that uses keys. */
export const keysShape = {
  DATA_DIR: z.string().default('./.data'),
  /** Default: secrets/master.key under DATA_DIR. */
  MASTER_KEY_FILE: z.string().optional(),
};

/** Makes the master key when there is none and nothing was ever locked with one. */
export function openKeys(config: z.output<z.ZodObject<typeof keysShape>>): Promise<Keys> {
  const { DATA_DIR, MASTER_KEY_FILE = join(DATA_DIR, 'secrets', 'master.key') } = config;
  return LocalKeys.open({ masterKeyFile: MASTER_KEY_FILE, directory: join(DATA_DIR, 'keys') });
}
