import {
  AlreadyExistsException,
  CancelKeyDeletionCommand,
  CreateAliasCommand,
  CreateKeyCommand,
  DescribeKeyCommand,
  EnableKeyCommand,
  NotFoundException,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import type { OrganizationId } from '@cratersync/signaling/protocol';
import { KeysUnavailable } from './keys.ts';
import type { Kms } from './kms.ts';
import type { DeferredDeletion, ScheduledKey } from './provider.ts';

/** The shortest that AWS KMS knows. From the first day on such a key opens nothing. */
const WINDOW_DAYS = 7;

/**
 * A key in AWS KMS for each organization, in our own account, found by its alias (AWS KMS API reference). What is done twice does
 * no harm.
 */
export class OrganizationKmsKeys implements DeferredDeletion {
  readonly #kms: Kms;
  readonly region: string;

  constructor(kms: Kms, region: string) {
    this.#kms = kms;
    this.region = region;
  }

  aliasOf(organizationId: OrganizationId): string {
    return `alias/cratersync/${organizationId}`;
  }

  /** Whoever is faster makes the one that counts; the other one goes, where we may delete: it has locked nothing. */
  async make(organizationId: OrganizationId): Promise<void> {
    const { KeyMetadata } = await this.#kms.manage(this.region, client =>
      client.send(
        new CreateKeyCommand({
          Description: `CraterSync: locks the recordings of organization ${organizationId}`,
          Tags: [{ TagKey: 'cratersync-organization', TagValue: organizationId }],
        }),
      ),
    );
    const TargetKeyId = KeyMetadata?.KeyId;
    if (TargetKeyId === undefined)
      throw new KeysUnavailable('AWS KMS answered without the key that it made.');
    try {
      const AliasName = this.aliasOf(organizationId);
      await this.#kms.manage(this.region, client =>
        client.send(new CreateAliasCommand({ AliasName, TargetKeyId })),
      );
    } catch (error) {
      if (!isCausedBy(error, AlreadyExistsException)) throw error;
      await this.#scheduleKey(TargetKeyId).catch((refused: unknown) => {
        if (!(refused instanceof KeysUnavailable)) throw refused;
      });
    }
  }

  async schedule(organizationId: OrganizationId): Promise<ScheduledKey | null> {
    const key = await this.#described(organizationId);
    if (key === null) return null;
    return { keyId: key.arn, deletedAfter: key.deletionDate ?? (await this.#scheduleKey(key.arn)) };
  }

  async keep(organizationId: OrganizationId): Promise<void> {
    const key = await this.#described(organizationId);
    if (key === null || key.isEnabled) return;
    const KeyId = key.arn;
    if (key.deletionDate !== null)
      await this.#kms.manage(this.region, client => client.send(new CancelKeyDeletionCommand({ KeyId })));
    // AWS leaves it disabled; whoever was killed in between finds it so.
    await this.#kms.manage(this.region, client => client.send(new EnableKeyCommand({ KeyId })));
  }

  async #scheduleKey(KeyId: string): Promise<Date> {
    const { DeletionDate } = await this.#kms.manage(this.region, client =>
      client.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: WINDOW_DAYS })),
    );
    if (DeletionDate === undefined)
      throw new KeysUnavailable('AWS KMS answered without the day on which it deletes a key.');
    return DeletionDate;
  }

  /** @returns null when there is none, or it was deleted */
  async #described(organizationId: OrganizationId) {
    try {
      const { KeyMetadata } = await this.#kms.manage(this.region, client =>
        client.send(new DescribeKeyCommand({ KeyId: this.aliasOf(organizationId) })),
      );
      if (KeyMetadata?.Arn === undefined) throw new KeysUnavailable('AWS KMS answered without a key.');
      const { Arn: arn, DeletionDate: deletionDate = null, KeyState } = KeyMetadata;
      return { arn, deletionDate, isEnabled: KeyState === 'Enabled' };
    } catch (error) {
      if (isCausedBy(error, NotFoundException)) return null;
      throw error;
    }
  }
}

/** What it is that AWS refused. */
export const isCausedBy = (error: unknown, kind: abstract new (...args: never[]) => Error): boolean =>
  error instanceof KeysUnavailable && error.cause instanceof kind;
