import { DecryptCommand, EncryptCommand, KMSClient, KMSServiceException } from '@aws-sdk/client-kms';
import { type KeyContext, KeysUnavailable } from './keys.ts';
import { type KeyProvider, providerMarks } from './provider.ts';

export interface AwsKmsConfig {
  /** Id, alias or ARN of a symmetric encryption key. */
  keyId: string;
  region: string;
  /** In place of Amazon's public one, such as that of a VPC. */
  endpoint?: string | undefined;
  /** How long one try may take. */
  timeoutMs?: number;
}

const TIMEOUT_MS = 3_000;
/** Of which the client waits between two, longer each time; throttling is one reason. */
const ATTEMPTS = 3;
const MARK = Buffer.of(providerMarks['aws-kms']);

/**
 * A key in AWS KMS, which locks the session keys of all organizations, each with its encryption context {organizationId,
 * sessionId} as associated data (AWS KMS Developer Guide, "Encryption context"). Who we are the AWS client finds out
 * by itself: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a profile, or the role of the machine.
 */
export class AwsKmsProvider implements KeyProvider {
  readonly #client: KMSClient;
  readonly #keyId: string;

  constructor({ keyId, region, endpoint, timeoutMs = TIMEOUT_MS }: AwsKmsConfig) {
    this.#keyId = keyId;
    this.#client = new KMSClient({
      region,
      ...(endpoint !== undefined && { endpoint }),
      maxAttempts: ATTEMPTS,
      requestHandler: {
        connectionTimeout: timeoutMs,
        requestTimeout: timeoutMs,
        throwOnRequestTimeout: true,
      },
    });
  }

  async wrap(context: KeyContext, key: Buffer): Promise<Buffer> {
    const command = new EncryptCommand({
      KeyId: this.#keyId,
      Plaintext: key,
      EncryptionContext: { ...context },
    });
    const { CiphertextBlob } = await this.#explained(() => this.#client.send(command));
    if (CiphertextBlob === undefined) throw new KeysUnavailable('AWS KMS answered without a ciphertext.');
    return Buffer.concat([MARK, CiphertextBlob]);
  }

  async unwrap(context: KeyContext, wrapped: Buffer): Promise<Buffer | null> {
    const command = new DecryptCommand({
      KeyId: this.#keyId,
      CiphertextBlob: wrapped.subarray(MARK.length),
      EncryptionContext: { ...context },
    });
    const { Plaintext } = await this.#explained(() => this.#client.send(command));
    if (Plaintext === undefined) throw new KeysUnavailable('AWS KMS answered without a plaintext.');
    return Buffer.from(Plaintext);
  }

  async #explained<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw new KeysUnavailable(reasonOf(error, this.#keyId), error);
    }
  }
}

function reasonOf(error: unknown, keyId: string): string {
  const key = `The AWS KMS key ${keyId}`;
  if (!(error instanceof KMSServiceException))
    return 'AWS KMS does not answer. Check the network, AWS_KMS_REGION and AWS_KMS_ENDPOINT, and that there are AWS credentials.';
  switch (error.name) {
    case 'InvalidCiphertextException':
    case 'IncorrectKeyException':
      return 'A session key does not open in AWS KMS: it belongs to another organization, session or KMS key, or is damaged.';
    case 'DisabledException':
      return `${key} is disabled. Enable it again: nothing can be recorded or read meanwhile.`;
    case 'KMSInvalidStateException':
      return `${key} cannot be used now; perhaps its deletion is scheduled. Cancel that, or everything recorded with it is lost.`;
    case 'NotFoundException':
      return `${key} does not exist there. Check AWS_KMS_KEY_ID and AWS_KMS_REGION.`;
    case 'AccessDeniedException':
      return `${key} does not let us encrypt and decrypt. Check its policy and ours.`;
    case 'UnrecognizedClientException':
    case 'InvalidSignatureException':
    case 'ExpiredTokenException':
      return 'AWS does not know us. Check the AWS credentials of this process.';
    case 'ThrottlingException':
      return 'AWS KMS refuses more requests for the moment. Wait, or have the quota raised.';
    default:
      return `AWS KMS failed (${error.name}). Try again; if it stays, look at the AWS Health Dashboard.`;
  }
}
