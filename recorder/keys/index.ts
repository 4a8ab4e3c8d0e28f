import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError } from '@cratersync/infra/runtime';
import { z } from 'zod';
import { isMissing } from '../store/durable-files.ts';
import { AwsKmsProvider } from './aws-kms.ts';
import type { Keys } from './keys.ts';
import { LocalProvider } from './local.ts';
import type { KeyProvider } from './provider.ts';
import { SessionKeys } from './session-keys.ts';
import { VaultProvider } from './vault.ts';

export { type KeyContext, type Keys, KeysUnavailable } from './keys.ts';

/** The environment of a process that uses keys. */
export const keysShape = {
  DATA_DIR: z.string().default('./.data'),
  /** What locks the keys of new recordings. Those of earlier ones open by what locked them, while that is set up. */
  KEY_PROVIDER: z.enum(['local', 'vault', 'aws-kms']).default('local'),
  /** Default: secrets/master.key under DATA_DIR. */
  MASTER_KEY_FILE: z.string().optional(),
  VAULT_ADDR: z.url({ protocol: /^https?$/ }).optional(),
  VAULT_TOKEN: z.string().optional(),
  /** In its place, a file that an agent may renew. */
  VAULT_TOKEN_FILE: z.string().optional(),
  VAULT_NAMESPACE: z.string().optional(),
  VAULT_TRANSIT_MOUNT: z.string().default('transit'),
  AWS_KMS_KEY_ID: z.string().optional(),
  AWS_KMS_REGION: z.string().optional(),
  AWS_KMS_ENDPOINT: z.url({ protocol: /^https?$/ }).optional(),
};
type KeysConfig = z.output<z.ZodObject<typeof keysShape>>;
/** Of which all but DATA_DIR may be left out. */
type KeysSettings = Pick<KeysConfig, 'DATA_DIR'> & Partial<KeysConfig>;

/**
 * Opens the key store with every provider that is set up. With `local`, a master key is made when there is none and nothing
 * was ever locked with one.
 * @throws ConfigError; KeysUnavailable when the master key is lost
 */
export async function openKeys(config: KeysSettings): Promise<Keys> {
  const { DATA_DIR, KEY_PROVIDER: active = 'local' } = config;
  const directory = join(DATA_DIR, 'keys');
  const [local, vault, awsKms] = [await localOf(config, directory), vaultOf(config), awsKmsOf(config)];
  const all = {
    ...(local !== null && { local }),
    ...(vault !== null && { vault }),
    ...(awsKms !== null && { 'aws-kms': awsKms }),
  };
  if (active === 'vault' && vault === null)
    throw new ConfigError(['KEY_PROVIDER is vault: set VAULT_ADDR, and VAULT_TOKEN or VAULT_TOKEN_FILE']);
  if (active === 'aws-kms' && awsKms === null)
    throw new ConfigError(['KEY_PROVIDER is aws-kms: set AWS_KMS_KEY_ID and AWS_KMS_REGION']);
  return SessionKeys.open(join(directory, 'sessions'), { active, all });
}

/** Where another provider is active, only if this one has ever locked anything: else no master key is to be made. */
async function localOf(config: KeysSettings, directory: string): Promise<KeyProvider | null> {
  const organizations = join(directory, 'organizations');
  const isUsed = async () => {
    try {
      return (await readdir(organizations)).length > 0;
    } catch (error) {
      if (isMissing(error)) return false;
      throw error;
    }
  };
  if ((config.KEY_PROVIDER ?? 'local') !== 'local' && !(await isUsed())) return null;
  const { MASTER_KEY_FILE: masterKeyFile = join(config.DATA_DIR, 'secrets', 'master.key') } = config;
  return LocalProvider.open({ masterKeyFile, organizations });
}

function vaultOf(config: KeysSettings): KeyProvider | null {
  const { VAULT_ADDR: address, VAULT_TOKEN: value, VAULT_TOKEN_FILE: file } = config;
  const token = file !== undefined ? { file } : value !== undefined ? { value } : null;
  if (address === undefined || token === null) return null;
  const { VAULT_TRANSIT_MOUNT: mount = 'transit', VAULT_NAMESPACE: namespace } = config;
  return new VaultProvider({ address, token, mount, namespace });
}

function awsKmsOf(config: KeysSettings): KeyProvider | null {
  const { AWS_KMS_KEY_ID: keyId, AWS_KMS_REGION: region, AWS_KMS_ENDPOINT: endpoint } = config;
  if (keyId === undefined || region === undefined) return null;
  return new AwsKmsProvider({ keyId, region, endpoint });
}
