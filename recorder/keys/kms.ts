import {
  DecryptCommand,
  EncryptCommand,
  KMSClient,
  KMSServiceException,
  ReEncryptCommand,
} from '@aws-sdk/client-kms';
import { fromTemporaryCredentials } from '@aws-sdk/credential-providers';
import type { OrganizationId } from '@cratersync/signaling/protocol';
import { CustomerKeyRefused, type KeyContext, KeysUnavailable } from './keys.ts';

export interface KmsConfig {
  /** In place of Amazon's public ones, such as those of a VPC. */
  endpoint?: string | undefined;
  stsEndpoint?: string | undefined;
  /** How long one try may take. */
  timeoutMs?: number;
}

/** A key in AWS KMS. */
export interface KmsKey {
  /** Id, alias or ARN of a symmetric encryption key. */
  id: string;
  region: string;
  /** What has to be assumed to use it; null: we are let as who we are. */
  roleArn: string | null;
  /** It is the organization's own. */
  isCustomers: boolean;
}

const TIMEOUT_MS = 3_000;
/** Of which the client waits between two, longer each time; throttling is one reason. */
const ATTEMPTS = 3;
/** The shortest there is: who takes the role from us has done so after that. */
const ROLE_SECONDS = 900;

/**
 * AWS KMS, in any region and as any role. Each session key has its encryption context {organizationId, sessionId} as
 * associated data (AWS KMS Developer Guide, "Encryption context"). Who we are the AWS client finds out by itself:
 * AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile, or the role of the machine. A customer's role is assumed with
 * the organization's id as external id: nobody can bring a key that another organization has let us use (IAM User Guide,
 * "The confused deputy problem").
 */
export class Kms {
  readonly #config: KmsConfig;
  readonly #clients = new Map<string, KMSClient>();

  constructor(config: KmsConfig) {
    this.#config = config;
  }

  /** @returns also the ARN of the key, which `key.id` may name in another way */
  async encrypt(
    key: KmsKey,
    context: KeyContext,
    plaintext: Buffer,
  ): Promise<{ keyArn: string; blob: Buffer }> {
    const command = new EncryptCommand({
      KeyId: key.id,
      Plaintext: plaintext,
      EncryptionContext: contextOf(context),
    });
    const { CiphertextBlob, KeyId } = await explained(key, context, () =>
      this.#client(key, context.organizationId).send(command),
    );
    return answered(CiphertextBlob, KeyId);
  }

  async decrypt(key: KmsKey, context: KeyContext, blob: Buffer): Promise<Buffer> {
    const command = new DecryptCommand({
      KeyId: key.id,
      CiphertextBlob: blob,
      EncryptionContext: contextOf(context),
    });
    const { Plaintext } = await explained(key, context, () =>
      this.#client(key, context.organizationId).send(command),
    );
    if (Plaintext === undefined) throw new KeysUnavailable('AWS KMS answered without a plaintext.');
    return Buffer.from(Plaintext);
  }

  /** From one key to another that the same role may use; what was locked never leaves KMS. */
  async reEncrypt(
    from: KmsKey,
    to: KmsKey,
    context: KeyContext,
    blob: Buffer,
  ): Promise<{ keyArn: string; blob: Buffer }> {
    const command = new ReEncryptCommand({
      SourceKeyId: from.id,
      DestinationKeyId: to.id,
      CiphertextBlob: blob,
      SourceEncryptionContext: contextOf(context),
      DestinationEncryptionContext: contextOf(context),
    });
    const { CiphertextBlob, KeyId } = await explained(to, context, () =>
      this.#client(to, context.organizationId).send(command),
    );
    return answered(CiphertextBlob, KeyId);
  }

  /** What has to do with our own keys, rather than with what they lock. @throws KeysUnavailable */
  manage<T>(region: string, work: (client: KMSClient) => Promise<T>): Promise<T> {
    return work(this.#account(region)).catch((error: unknown) => {
      throw new KeysUnavailable(manageReasonOf(error), error);
    });
  }

  #account(region: string): KMSClient {
    const client = this.#clients.get(region) ?? this.#newClient(region, null);
    this.#clients.set(region, client);
    return client;
  }

  #client({ region, roleArn }: KmsKey, organizationId: OrganizationId): KMSClient {
    if (roleArn === null) return this.#account(region);
    const name = `${region} ${roleArn} ${organizationId}`;
    const client = this.#clients.get(name) ?? this.#newClient(region, { roleArn, organizationId });
    this.#clients.set(name, client);
    return client;
  }

  #newClient(region: string, as: { roleArn: string; organizationId: OrganizationId } | null): KMSClient {
    const { endpoint, stsEndpoint, timeoutMs = TIMEOUT_MS } = this.#config;
    const patience = {
      maxAttempts: ATTEMPTS,
      requestHandler: {
        connectionTimeout: timeoutMs,
        requestTimeout: timeoutMs,
        throwOnRequestTimeout: true,
      },
    };
    return new KMSClient({
      region,
      ...(endpoint !== undefined && { endpoint }),
      ...patience,
      ...(as !== null && {
        credentials: fromTemporaryCredentials({
          params: {
            RoleArn: as.roleArn,
            RoleSessionName: 'cratersync',
            ExternalId: as.organizationId,
            DurationSeconds: ROLE_SECONDS,
          },
          clientConfig: { region, ...(stsEndpoint !== undefined && { endpoint: stsEndpoint }), ...patience },
        }),
      }),
    });
  }
}

/** Nothing but the two: a context may know more of a recording. */
const contextOf = ({ organizationId, sessionId }: KeyContext) => ({ organizationId, sessionId });

function answered(blob: Uint8Array | undefined, keyArn: string | undefined) {
  if (blob !== undefined && keyArn !== undefined) return { keyArn, blob: Buffer.from(blob) };
  throw new KeysUnavailable('AWS KMS answered without a ciphertext.');
}

async function explained<T>(key: KmsKey, context: KeyContext, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const Refusal = key.isCustomers ? CustomerKeyRefused : KeysUnavailable;
    throw new Refusal(reasonOf(error, key, context.organizationId), error);
  }
}

/** Whether it was the key that did not fit: another may. */
export const isOtherKeys = (error: unknown): boolean =>
  error instanceof KeysUnavailable &&
  error.cause instanceof KMSServiceException &&
  ['IncorrectKeyException', 'InvalidCiphertextException'].includes(error.cause.name);

/** As `reasonOf`, of making and deleting keys. */
function manageReasonOf(error: unknown): string {
  if (error instanceof Error && error.name === 'AccessDeniedException')
    return 'AWS KMS does not let us make, describe or delete keys. Check our policy: docs/keys.md says what it has to allow.';
  if (error instanceof Error && error.name === 'LimitExceededException')
    return 'AWS KMS makes no more keys in this account. Have its quota of keys and aliases raised.';
  const key = { id: 'of an organization', region: '', roleArn: null, isCustomers: false };
  return reasonOf(error, key);
}

function reasonOf(
  error: unknown,
  { id, roleArn, isCustomers }: KmsKey,
  organizationId: OrganizationId | null = null,
): string {
  const key = isCustomers ? `Your organization’s AWS KMS key ${id}` : `The AWS KMS key ${id}`;
  const name = error instanceof Error ? error.name : '';
  switch (name) {
    case 'InvalidCiphertextException':
    case 'IncorrectKeyException':
      return 'A session key does not open in AWS KMS: it belongs to another organization, session or KMS key, or is damaged.';
    case 'DisabledException':
      return `${key} is disabled. Enable it again: nothing can be recorded or read meanwhile.`;
    case 'KMSInvalidStateException':
      return `${key} cannot be used now; perhaps its deletion is scheduled. Cancel that, or everything recorded with it is lost.`;
    case 'NotFoundException':
      return isCustomers
        ? `${key} does not exist. Check its ARN.`
        : `${key} does not exist there. Check AWS_KMS_KEY_ID and AWS_KMS_REGION.`;
    case 'AccessDeniedException':
      return isCustomers
        ? `${key} does not let us encrypt and decrypt. Check its key policy, and the policy of the role.`
        : `${key} does not let us encrypt and decrypt. Check its policy and ours.`;
    case 'AccessDenied':
      return (
        `AWS does not let us assume the role ${roleArn ?? ''}. Check that its trust policy names this installation, ` +
        `with the external id ${organizationId ?? ''}.`
      );
    case 'InvalidKeyUsageException':
      return `${key} is not one for symmetric encryption. Make one with key type Symmetric and usage Encrypt and decrypt.`;
    case 'UnrecognizedClientException':
    case 'InvalidClientTokenId':
    case 'InvalidSignatureException':
    case 'ExpiredTokenException':
      return 'AWS does not know us. Check the AWS credentials of this process.';
    case 'CredentialsProviderError':
      return 'This installation has no AWS credentials, so it can use no key in AWS. Whoever runs it has to set them.';
    case 'ThrottlingException':
      return 'AWS KMS refuses more requests for the moment. Wait, or have the quota raised.';
    default:
      return error instanceof KMSServiceException
        ? `AWS KMS failed (${name}). Try again; if it stays, look at the AWS Health Dashboard.`
        : 'AWS KMS does not answer. Check the network, AWS_KMS_REGION and AWS_KMS_ENDPOINT, and that there are AWS credentials.';
  }
}
