import { join } from 'node:path';
import { ConfigError } from '@cratersync/infra/runtime';
import { z } from 'zod';
import { AwsKmsProvider } from './aws-kms.ts';
import { namesIn } from './files.ts';
import { Kms } from './kms.ts';
import { LocalProvider } from './local.ts';
import { type KeyCall, observed } from './observed.ts';
import { OrganizationKmsProvider } from './organization-kms.ts';
import { type KeyProvider, providerNames } from './provider.ts';
import { SessionKeys } from './session-keys.ts';
import { VaultProvider } from './vault.ts';

export {
  CustomerKeyRefused,
  type DestroyedKey,
  type KeyContext,
  type Keys,
  KeysUnavailable,
} from './keys.ts';
export type { LocalProvider } from './local.ts';
export type { KeyCall } from './observed.ts';
export type { SessionKeys, Target } from './session-keys.ts';

/** The environment of a process that uses keys. */
export const keysShape = {
  DATA_DIR: z.string().default('./.data'),
  KEY_PROVIDER: z
    .enum(providerNames)
    .default('local')
    .describe(
      'what locks the keys of new recordings: `local`, `vault`, `aws-kms`; those of earlier ones open by what locked them, while that is set up. [docs/keys.md](docs/keys.md)',
    ),
  MASTER_KEY_FILE: z.string().optional().meta({
    description: 'with `local`: wraps the organizations’ keys; keep a copy apart from the data',
    shown: '`DATA_DIR/secrets/master.key`',
  }),
  VAULT_ADDR: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('HashiCorp Vault or OpenBao'),
  VAULT_TOKEN: z.string().optional().describe('who we are there'),
  VAULT_TOKEN_FILE: z.string().optional().describe('in its place, a file that an agent may renew'),
  VAULT_NAMESPACE: z.string().optional().describe('its namespace'),
  VAULT_TRANSIT_MOUNT: z.string().default('transit').describe('where its transit engine is mounted'),
  AWS_KMS_KEY_ID: z
    .string()
    .optional()
    .describe(
      'AWS KMS; who we are, the AWS client finds out by itself. Organizations may bring keys of their own',
    ),
  AWS_KMS_KEYS: z
    .enum(['shared', 'organization'])
    .default('shared')
    .describe(
      '`organization`: each has a key of its own in our account, made when it first records (Amazon takes a dollar a month for each); `shared`: all have `AWS_KMS_KEY_ID`',
    ),
  AWS_KMS_PREVIOUS_KEY_ID: z
    .string()
    .optional()
    .describe('what `AWS_KMS_KEY_ID` was, until all session keys have moved'),
  AWS_KMS_REGION: z.string().optional().describe('its region'),
  AWS_KMS_ENDPOINT: z
    .url({ protocol: /^https?$/ })
    .optional()
    .meta({ description: 'another endpoint than Amazon’s', shown: 'Amazon’s' }),
  AWS_STS_ENDPOINT: z
    .url({ protocol: /^https?$/ })
    .optional()
    .meta({
      description: 'the same for STS, which says who may use an organization’s own key',
      shown: 'Amazon’s',
    }),
};
type KeysConfig = z.output<z.ZodObject<typeof keysShape>>;
/** Of which all but DATA_DIR may be left out. */
type KeysSettings = Pick<KeysConfig, 'DATA_DIR'> & Partial<KeysConfig>;

/**
 * Opens the key store with every provider that is set up. With `local`, a master key is made when there is none and nothing
 * was ever locked with one.
 * @param onCall hears how each call of a provider went
 * @throws ConfigError; KeysUnavailable when the master key is lost
 */
export async function openKeys(
  config: KeysSettings,
  onCall: (call: KeyCall) => void = () => {},
): Promise<SessionKeys> {
  const { DATA_DIR, KEY_PROVIDER: active = 'local' } = config;
  const directory = join(DATA_DIR, 'keys');
  const kms = new Kms({ endpoint: config.AWS_KMS_ENDPOINT, stsEndpoint: config.AWS_STS_ENDPOINT });
  const [local, vault, awsKms] = [await openLocalProvider(config), vaultOf(config), awsKmsOf(config, kms)];
  const all = {
    ...(local !== null && { local: observed('local', local, onCall) }),
    ...(vault !== null && { vault: observed('vault', vault, onCall) }),
    ...(awsKms !== null && { 'aws-kms': observed('aws-kms', awsKms, onCall) }),
  };
  if (active === 'vault' && vault === null)
    throw new ConfigError(['KEY_PROVIDER is vault: set VAULT_ADDR, and VAULT_TOKEN or VAULT_TOKEN_FILE']);
  if (active === 'aws-kms' && awsKms === null)
    throw new ConfigError([
      config.AWS_KMS_KEYS === 'organization'
        ? 'KEY_PROVIDER is aws-kms: set AWS_KMS_REGION'
        : 'KEY_PROVIDER is aws-kms: set AWS_KMS_KEY_ID and AWS_KMS_REGION',
    ]);
  return SessionKeys.open(directory, { active, all, kms });
}

/** Where another provider is active, only if this one has ever locked anything: else no master key is to be made. */
export async function openLocalProvider(config: KeysSettings): Promise<LocalProvider | null> {
  const organizations = join(config.DATA_DIR, 'keys', 'organizations');
  const isUsed = async () => (await namesIn(organizations)).length > 0;
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

function awsKmsOf(config: KeysSettings, kms: Kms): KeyProvider | null {
  const { AWS_KMS_KEY_ID: id, AWS_KMS_PREVIOUS_KEY_ID: before, AWS_KMS_REGION: region } = config;
  if (region === undefined) return null;
  const ours = { region, roleArn: null, isCustomers: false };
  const shared =
    id === undefined
      ? null
      : new AwsKmsProvider(kms, { id, ...ours }, before === undefined ? null : { id: before, ...ours });
  return config.AWS_KMS_KEYS === 'organization' ? new OrganizationKmsProvider(kms, region, shared) : shared;
}
