import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { KeysUnavailable, keysShape, openKeys, type SessionKeys } from '@cratersync/recorder/keys';
import { type ObjectStore, openStore, StoreUnavailable, storeShape } from '@cratersync/recorder/store';
import { readConfig } from '../runtime/index.ts';

/*
 * The store and the keys, for commands that look at what is stored. Nothing is made: who looks in the wrong place has
 * to hear of it, instead of being given an empty store and a new master key.
 */

/** @throws ConfigError, StoreUnavailable */
export async function openExistingStore(env: NodeJS.ProcessEnv): Promise<ObjectStore> {
  const config = readConfig(storeShape, env);
  const directory = join(config.DATA_DIR, 'store');
  if (config.S3_ENDPOINT === undefined && !existsSync(directory)) {
    throw new StoreUnavailable(
      `There is no store in ${directory}. Set DATA_DIR to where CraterSync keeps its data, or S3_*.`,
    );
  }
  return openStore(config);
}

/** @throws ConfigError, KeysUnavailable */
export async function openExistingKeys(env: NodeJS.ProcessEnv): Promise<SessionKeys> {
  const config = readConfig(keysShape, env);
  const directory = join(config.DATA_DIR, 'keys');
  if (existsSync(directory)) return openKeys(config);
  throw new KeysUnavailable(
    `There are no keys in ${directory}. Set DATA_DIR to where CraterSync keeps its data.`,
  );
}
