import { NotFoundException } from '@aws-sdk/client-kms';
import { retry } from '@cratersync/infra/runtime';
import type { OrganizationId } from '@cratersync/signaling/protocol';
import { AwsKmsProvider, providerNamedIn } from './aws-kms.ts';
import { type KeyContext, KeysUnavailable } from './keys.ts';
import type { Kms } from './kms.ts';
import { isCausedBy, OrganizationKmsKeys } from './kms-keys.ts';
import { type KeyProvider, providerMarks } from './provider.ts';

/** AWS KMS shows a new alias everywhere within seconds (Developer Guide, "Eventual consistency"). */
const ATTEMPTS = 6;
const FIRST_WAIT_MS = 100;

/** AWS KMS with a key for each organization, made when it records for the first time. */
export class OrganizationKmsProvider implements KeyProvider {
  readonly versions = null;
  readonly deferred: OrganizationKmsKeys;
  readonly #kms: Kms;
  readonly #shared: AwsKmsProvider | null;

  /** @param shared opens what was locked before keys were named */
  constructor(kms: Kms, region: string, shared: AwsKmsProvider | null) {
    this.#kms = kms;
    this.#shared = shared;
    this.deferred = new OrganizationKmsKeys(kms, region);
  }

  wrap(context: KeyContext, key: Buffer): Promise<Buffer> {
    return this.#made(context.organizationId, own => own.wrap(context, key));
  }

  async unwrap(context: KeyContext, wrapped: Buffer): Promise<Buffer> {
    if (wrapped[0] === providerMarks['aws-kms-named'])
      return providerNamedIn(this.#kms, wrapped).unwrap(context, wrapped);
    if (this.#shared === null)
      throw new KeysUnavailable(
        'A session key was locked by the key that all organizations shared: set AWS_KMS_KEY_ID.',
      );
    return this.#shared.unwrap(context, wrapped);
  }

  async destroy(organizationId: OrganizationId) {
    const scheduled = await this.deferred.schedule(organizationId);
    if (scheduled === null)
      return { keyId: this.deferred.aliasOf(organizationId), outcome: 'destroyed' } as const;
    const { keyId, deletedAfter } = scheduled;
    return { keyId, outcome: 'scheduled', deletedAfter: deletedAfter.toISOString() } as const;
  }

  rewraps(wrapped: Buffer): boolean {
    return wrapped[0] === providerMarks['aws-kms-named'] && this.#of(null).rewraps(wrapped);
  }

  rewrap(context: KeyContext, wrapped: Buffer): Promise<Buffer> {
    return this.#made(context.organizationId, own => own.rewrap(context, wrapped));
  }

  async isOutdated(): Promise<boolean> {
    return false;
  }

  current(organizationId: OrganizationId): Promise<string> {
    return this.#made(organizationId, own => own.current(organizationId));
  }

  lockedBy(wrapped: Buffer): string {
    return this.#of(null).lockedBy(wrapped);
  }

  #of(organizationId: OrganizationId | null): AwsKmsProvider {
    const { region } = this.deferred;
    const id = organizationId === null ? '' : this.deferred.aliasOf(organizationId);
    return new AwsKmsProvider(this.#kms, { id, region, roleArn: null, isCustomers: false });
  }

  /** What needs the organization's key, which is made where there is none. */
  async #made<T>(organizationId: OrganizationId, work: (own: AwsKmsProvider) => Promise<T>): Promise<T> {
    const own = this.#of(organizationId);
    const isMissing = (error: unknown) => isCausedBy(error, NotFoundException);
    try {
      return await work(own);
    } catch (error) {
      if (!isMissing(error)) throw error;
      await this.deferred.make(organizationId);
      return await retry(() => work(own), {
        attempts: ATTEMPTS,
        baseMs: FIRST_WAIT_MS,
        retryable: isMissing,
      });
    }
  }
}
