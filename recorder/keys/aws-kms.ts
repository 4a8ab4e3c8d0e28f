import { randomBytes } from 'node:crypto';
import {
  type CustomerKey,
  customerKey,
  type OrganizationId,
  regionOfArn,
  sessionId,
} from '@cratersync/signaling/protocol';
import { z } from 'zod';
import { type KeyContext, KeysUnavailable } from './keys.ts';
import { isOtherKeys, type Kms, type KmsKey } from './kms.ts';
import { type KeyProvider, providerMarks } from './provider.ts';
import { KEY_BYTES } from './wrap.ts';

const MARK = Buffer.of(providerMarks['aws-kms-named']);
const HEAD_BYTES = 3;
const named = customerKey.extend({ isCustomers: z.boolean() });
type Named = z.output<typeof named>;

/** By a key of the organization's own. */
export const customerProvider = (kms: Kms, key: CustomerKey): AwsKmsProvider =>
  new AwsKmsProvider(kms, keyOf({ ...key, isCustomers: true }));

/** By the key that is named in what it has locked. @throws KeysUnavailable when that is damaged */
export const providerNamedIn = (kms: Kms, wrapped: Buffer): AwsKmsProvider =>
  new AwsKmsProvider(kms, keyOf(opened(wrapped).head));

/**
 * One key in AWS KMS. What it locks names the key and the role that opens it, so it opens also when the setting has
 * changed: mark u8, length u16, JSON {keyArn, roleArn, isCustomers}, and what KMS made.
 */
export class AwsKmsProvider implements KeyProvider {
  readonly versions = null;
  readonly deferred = null;
  readonly #kms: Kms;
  readonly #key: KmsKey;
  readonly #unnamed: KmsKey[];

  /** @param before a key that has locked session keys before they named theirs */
  constructor(kms: Kms, key: KmsKey, before: KmsKey | null = null) {
    this.#kms = kms;
    this.#key = key;
    this.#unnamed = before === null ? [key] : [key, before];
  }

  async wrap(context: KeyContext, key: Buffer): Promise<Buffer> {
    return this.#naming(await this.#kms.encrypt(this.#key, context, key));
  }

  unwrap(context: KeyContext, wrapped: Buffer): Promise<Buffer> {
    return this.#byItsKey(wrapped, (key, blob) => this.#kms.decrypt(key, context, blob));
  }

  /** It is everybody's here, or a customer's own, and theirs to delete. */
  async destroy() {
    return { keyId: this.#key.id, outcome: 'shared' } as const;
  }

  /** Within the installation only: a customer's key need not let us do more than lock and open. */
  rewraps(wrapped: Buffer): boolean {
    if (this.#key.isCustomers) return false;
    if (!namesItsKey(wrapped)) return wrapped[0] === providerMarks['aws-kms'];
    const { isCustomers, keyArn } = opened(wrapped).head;
    return !isCustomers && regionOfArn(keyArn) === this.#key.region;
  }

  rewrap(context: KeyContext, wrapped: Buffer): Promise<Buffer> {
    return this.#byItsKey(wrapped, async (key, blob) =>
      this.#naming(await this.#kms.reEncrypt(key, this.#key, context, blob)),
    );
  }

  async isOutdated(): Promise<boolean> {
    return false;
  }

  /** An alias may have been given to another key: KMS says which it is now. */
  async current(organizationId: OrganizationId): Promise<string> {
    const { id, roleArn, isCustomers } = this.#key;
    if (id.includes(':key/')) return labelOf({ keyArn: id, roleArn, isCustomers });
    const nobodys = { organizationId, sessionId: sessionId.parse(organizationId) };
    const { keyArn } = await this.#kms.encrypt(this.#key, nobodys, randomBytes(KEY_BYTES));
    return labelOf({ keyArn, roleArn, isCustomers });
  }

  lockedBy(wrapped: Buffer): string {
    return namesItsKey(wrapped) ? labelOf(opened(wrapped).head) : 'aws-kms, key not named';
  }

  async #byItsKey<T>(wrapped: Buffer, work: (key: KmsKey, blob: Buffer) => Promise<T>): Promise<T> {
    if (namesItsKey(wrapped)) {
      const { head, blob } = opened(wrapped);
      return work(keyOf(head), blob);
    }
    const blob = wrapped.subarray(MARK.length);
    const [key, before] = this.#unnamed;
    return await work(key ?? this.#key, blob).catch((error: unknown) => {
      if (before === undefined || !isOtherKeys(error)) throw error;
      return work(before, blob);
    });
  }

  #naming({ keyArn, blob }: { keyArn: string; blob: Buffer }): Buffer {
    const { roleArn, isCustomers } = this.#key;
    const head = Buffer.from(JSON.stringify({ keyArn, roleArn, isCustomers } satisfies Named));
    const length = Buffer.alloc(HEAD_BYTES - MARK.length);
    length.writeUInt16BE(head.length);
    return Buffer.concat([MARK, length, head, blob]);
  }
}

const keyOf = ({ keyArn, roleArn, isCustomers }: Named): KmsKey => ({
  ...{ id: keyArn, region: regionOfArn(keyArn), roleArn, isCustomers },
});

const labelOf = ({ keyArn, roleArn, isCustomers }: Named) =>
  `${isCustomers ? 'the organization’s own' : 'aws-kms'}, ${keyArn}${roleArn === null ? '' : ` as ${roleArn}`}`;

const namesItsKey = (wrapped: Buffer) => wrapped[0] === providerMarks['aws-kms-named'];

function opened(wrapped: Buffer): { head: Named; blob: Buffer } {
  const end = HEAD_BYTES + (wrapped.length < HEAD_BYTES ? 0 : wrapped.readUInt16BE(MARK.length));
  try {
    const head = named.parse(JSON.parse(wrapped.subarray(HEAD_BYTES, end).toString()));
    return { head, blob: wrapped.subarray(end) };
  } catch (error) {
    throw new KeysUnavailable('A session key does not open: what names its AWS KMS key is damaged.', error);
  }
}
