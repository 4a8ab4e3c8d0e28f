import { createCipheriv, createDecipheriv, randomBytes, randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { type KeyAnswer, KeyServer } from './key-server.ts';

interface Request {
  KeyId?: string;
  SourceKeyId?: string;
  DestinationKeyId?: string;
  Plaintext?: string;
  CiphertextBlob?: string;
  AliasName?: string;
  TargetKeyId?: string;
  PendingWindowInDays?: number;
  EncryptionContext?: Record<string, string>;
  SourceEncryptionContext?: Record<string, string>;
  DestinationEncryptionContext?: Record<string, string>;
}

interface Key {
  arn: string;
  state: 'Enabled' | 'Disabled' | 'PendingDeletion';
  material: Buffer;
  /** Of one that is pending deletion. */
  deletionDate?: Date;
  /** Who may use it: the account of the installation, or whoever has assumed a role. */
  allowed: Set<string>;
}

export const kmsCredentials = { accessKeyId: 'AKIATEST', secretAccessKey: 'a-secret-for-tests' };

/** Called in a `describe`: whatever speaks to AWS in this process is known to it. */
export function useKmsCredentials(): void {
  before(() => {
    process.env['AWS_ACCESS_KEY_ID'] = kmsCredentials.accessKeyId;
    process.env['AWS_SECRET_ACCESS_KEY'] = kmsCredentials.secretAccessKey;
  });
  after(() => {
    delete process.env['AWS_ACCESS_KEY_ID'];
    delete process.env['AWS_SECRET_ACCESS_KEY'];
  });
}

const ACCOUNT = 'arn:aws:kms:ca-central-1:111122223333:key';

/** It is refused, as the API reference names it. */
class Refusal extends Error {
  readonly type: string;
  constructor(type: string, message = '') {
    super(message);
    this.type = type;
  }
}

/**
 * Speaks AWS KMS as its public API reference has it (JSON 1.1: Encrypt, Decrypt, ReEncrypt, the lives of keys and
 * aliases, and their errors), with keys of its own, and STS (query, AssumeRole). Signatures are looked at for whose they are, not computed.
 */
export class KmsServer extends KeyServer {
  readonly keyId = `${ACCOUNT}/1234abcd-12ab-34cd-56ef-1234567890ab`;
  readonly #keys = new Map<string, Key>();
  readonly #aliases = new Map<string, string>();
  /** By access key id. */
  readonly #assumed = new Map<string, string>();
  /** With which external id a role may be assumed. */
  readonly roles = new Map<string, string>();
  /** Actions that our policy does not allow, such as `CreateKey`. */
  readonly forbidden = new Set<string>();
  /** Of each action, how often it was asked for. */
  readonly asked: Record<string, number> = {};

  constructor() {
    super();
    this.#keys.set(this.keyId, newKey(this.keyId));
  }

  static async start(): Promise<KmsServer> {
    return new KmsServer().listen();
  }

  get state(): Key['state'] {
    return this.key().state;
  }

  set state(state: Key['state']) {
    this.key().state = state;
  }

  /** By its ARN, its id or its alias. */
  key(id: string = this.keyId): Key {
    const arn = this.#aliases.get(id) ?? (id.startsWith('arn:') ? id : `${ACCOUNT}/${id}`);
    const key = this.#keys.get(arn);
    if (key === undefined) throw new Refusal('NotFoundException', `Key '${id}' does not exist`);
    return key;
  }

  /** Another key. @param roleArn who alone may use it; without: the installation */
  addKey(roleArn?: string): string {
    const arn = `${ACCOUNT}/${randomUUID()}`;
    this.#keys.set(arn, newKey(arn, roleArn));
    return arn;
  }

  /** Those that are neither deleted nor to be. */
  get living(): number {
    return [...this.#keys.values()].filter(({ state }) => state !== 'PendingDeletion').length;
  }

  /** The days of a key that is to be deleted are over. */
  deleteNow(id: string): void {
    const { arn, state } = this.key(id);
    if (state !== 'PendingDeletion') throw new Error(`${arn} is not to be deleted`);
    this.#keys.delete(arn);
    for (const [alias, of] of this.#aliases) if (of === arn) this.#aliases.delete(alias);
  }

  protected answer({ headers }: IncomingMessage, body: Request): KeyAnswer {
    try {
      const who = this.#admit(headers);
      return { status: 200, body: this.#act(String(headers['x-amz-target']), body, who) };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return { status: 400, body: { __type: error.type, message: error.message } };
    }
  }

  protected override answerForm({ headers }: IncomingMessage, form: URLSearchParams): KeyAnswer {
    try {
      this.#admit(headers);
      return this.#assumeRole(form);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return { status: 403, xml: refusalXml(error.type, error.message) };
    }
  }

  #admit(headers: IncomingMessage['headers']): string {
    const who = this.#caller(String(headers['authorization']));
    if (this.takeThrottle()) throw new Refusal('ThrottlingException', 'Rate exceeded');
    return who;
  }

  /** @returns the role that was assumed, or `account` */
  #caller(authorization: string): string {
    const [, id, service] =
      /^AWS4-HMAC-SHA256 Credential=(\w+)\/\d{8}\/ca-central-1\/(kms|sts)\/aws4_request/.exec(
        authorization,
      ) ?? [];
    if (id === kmsCredentials.accessKeyId) return 'account';
    const role = service === 'kms' ? this.#assumed.get(id ?? '') : undefined;
    if (role !== undefined) return role;
    throw new Refusal(
      'UnrecognizedClientException',
      'The security token included in the request is invalid.',
    );
  }

  #assumeRole(asked: URLSearchParams): KeyAnswer {
    const role = asked.get('RoleArn') ?? '';
    if (asked.get('Action') !== 'AssumeRole' || this.roles.get(role) !== asked.get('ExternalId'))
      throw new Refusal('AccessDenied', `not authorized to perform: sts:AssumeRole on resource: ${role}`);
    const id = `ASIA${randomBytes(8).toString('hex').toUpperCase()}`;
    this.#assumed.set(id, role);
    return { status: 200, xml: assumedXml(id, role) };
  }

  #act(target: string, body: Request, who: string): object {
    this.asked[target] = (this.asked[target] ?? 0) + 1;
    if (this.forbidden.has(target.replace('TrentService.', '')))
      throw new Refusal('AccessDeniedException', `not authorized to perform: ${target}`);
    const said = (key: Key) => ({ KeyId: key.arn, EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' });
    switch (target) {
      case 'TrentService.Encrypt': {
        const key = this.#usable(body.KeyId, who);
        const blob = sealed(key, Buffer.from(body.Plaintext ?? '', 'base64'), body.EncryptionContext);
        return { ...said(key), CiphertextBlob: blob.toString('base64') };
      }
      case 'TrentService.Decrypt': {
        const key = this.#usable(body.KeyId, who);
        const plaintext = this.#opened(key, body.CiphertextBlob, body.EncryptionContext);
        return { ...said(key), Plaintext: plaintext.toString('base64') };
      }
      case 'TrentService.ReEncrypt': {
        const [from, to] = [this.#usable(body.SourceKeyId, who), this.#usable(body.DestinationKeyId, who)];
        const plaintext = this.#opened(from, body.CiphertextBlob, body.SourceEncryptionContext);
        const blob = sealed(to, plaintext, body.DestinationEncryptionContext);
        return { KeyId: to.arn, SourceKeyId: from.arn, CiphertextBlob: blob.toString('base64') };
      }
      default:
        return this.#manage(target, body);
    }
  }

  /** The lives of keys. Dates are in seconds, as JSON 1.1 has them. */
  #manage(target: string, { KeyId, AliasName = '', TargetKeyId, PendingWindowInDays = 30 }: Request): object {
    switch (target) {
      case 'TrentService.CreateKey':
        return { KeyMetadata: described(this.key(this.addKey())) };
      case 'TrentService.CreateAlias': {
        if (this.#aliases.has(AliasName)) throw new Refusal('AlreadyExistsException', `${AliasName} exists`);
        this.#aliases.set(AliasName, this.key(TargetKeyId).arn);
        return {};
      }
      case 'TrentService.DescribeKey':
        return { KeyMetadata: described(this.key(KeyId)) };
      case 'TrentService.ScheduleKeyDeletion': {
        const key = inState(this.key(KeyId), 'Enabled', 'Disabled');
        if (PendingWindowInDays < 7 || PendingWindowInDays > 30) throw new Refusal('ValidationException');
        key.state = 'PendingDeletion';
        key.deletionDate = new Date(Date.now() + PendingWindowInDays * 24 * 3_600_000);
        return { KeyId: key.arn, DeletionDate: key.deletionDate.getTime() / 1000 };
      }
      case 'TrentService.CancelKeyDeletion': {
        const key = inState(this.key(KeyId), 'PendingDeletion');
        key.state = 'Disabled';
        delete key.deletionDate;
        return { KeyId: key.arn };
      }
      case 'TrentService.EnableKey':
        inState(this.key(KeyId), 'Enabled', 'Disabled').state = 'Enabled';
        return {};
      default:
        throw new Error(`this test server has no ${target}`);
    }
  }

  #usable(arn: string | undefined, who: string): Key {
    const key = this.key(arn ?? '');
    if (!key.allowed.has(who)) throw new Refusal('AccessDeniedException', 'not authorized to use this key');
    if (key.state === 'Disabled') throw new Refusal('DisabledException', `${key.arn} is disabled.`);
    if (key.state === 'PendingDeletion')
      throw new Refusal('KMSInvalidStateException', `${key.arn} is pending deletion.`);
    return key;
  }

  /** A blob begins with the place of its key, as Amazon's say by which key they were made. */
  #opened(key: Key, blob64: string | undefined, context: Request['EncryptionContext']): Buffer {
    const blob = Buffer.from(blob64 ?? '', 'base64');
    if ([...this.#keys.keys()].some(arn => arn !== key.arn && blob.subarray(0, 16).equals(idOf(arn))))
      throw new Refusal('IncorrectKeyException', 'The key ID in the request does not identify a CMK');
    const opened = openGcm(key.material, blob.subarray(16), aadOf(context));
    if (opened === null || !blob.subarray(0, 16).equals(idOf(key.arn)))
      throw new Refusal('InvalidCiphertextException');
    return opened;
  }
}

const described = ({ arn, state, deletionDate }: Key) => ({
  ...{ Arn: arn, KeyId: arn.slice(-36), KeyState: state },
  ...(deletionDate !== undefined && { DeletionDate: deletionDate.getTime() / 1000 }),
});

/** @throws what AWS says of a key whose state does not allow it */
function inState(key: Key, ...states: Key['state'][]): Key {
  if (states.includes(key.state)) return key;
  throw new Refusal('KMSInvalidStateException', `${key.arn} is ${key.state}.`);
}

const newKey = (arn: string, only = 'account'): Key => ({
  ...{ arn, state: 'Enabled', material: randomBytes(32), allowed: new Set([only]) },
});
const idOf = (arn: string) => Buffer.from(arn.slice(-36).replaceAll('-', ''), 'hex');
const aadOf = (context: Request['EncryptionContext'] = {}) =>
  Buffer.from(JSON.stringify(Object.entries(context).toSorted()));

function sealed(key: Key, plaintext: Buffer, context: Request['EncryptionContext']): Buffer {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key.material, nonce).setAAD(aadOf(context));
  const locked = [cipher.update(plaintext), cipher.final()];
  return Buffer.concat([idOf(key.arn), nonce, ...locked, cipher.getAuthTag()]);
}

/** @returns null for what does not open */
export function openGcm(key: Buffer, blob: Buffer, aad: Buffer): Buffer | null {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, blob.subarray(0, 12), { authTagLength: 16 });
    decipher.setAAD(aad).setAuthTag(blob.subarray(-16));
    return Buffer.concat([decipher.update(blob.subarray(12, -16)), decipher.final()]);
  } catch {
    return null;
  }
}

const namespace = 'xmlns="https://sts.amazonaws.com/doc/2011-06-15/"';
const assumedXml = (id: string, role: string) => `<AssumeRoleResponse ${namespace}><AssumeRoleResult>
  <AssumedRoleUser><Arn>${role}</Arn><AssumedRoleId>AROA:cratersync</AssumedRoleId></AssumedRoleUser>
  <Credentials><AccessKeyId>${id}</AccessKeyId><SecretAccessKey>another</SecretAccessKey>
    <SessionToken>a-session</SessionToken><Expiration>${new Date(Date.now() + 900_000).toISOString()}</Expiration>
  </Credentials></AssumeRoleResult></AssumeRoleResponse>`;
const refusalXml = (code: string, message: string) =>
  `<ErrorResponse ${namespace}><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`;
