import type { OrganizationId } from '@cratersync/signaling/protocol';
import type { DestroyedKey, KeyContext } from './keys.ts';

/** What locks session keys: it holds the organizations' keys, which never leave it. */
export interface KeyProvider {
  /**
   * Locks a session key for one organization and session. An organization's key is made when it is the first time.
   * @throws KeysUnavailable
   */
  wrap(context: KeyContext, key: Buffer): Promise<Buffer>;
  /**
   * Opens what was locked for the same context.
   * @returns null when the organization's key was destroyed
   * @throws KeysUnavailable when it belongs to another context, is damaged, or the provider does not answer
   */
  unwrap(context: KeyContext, wrapped: Buffer): Promise<Buffer | null>;
  /**
   * Destroys an organization's key, for good; one that is not there (any more) is as good.
   * @throws KeysUnavailable, also when it is there afterwards
   */
  destroy(organizationId: OrganizationId): Promise<Omit<DestroyedKey, 'provider'>>;
  /** Whether it could lock this anew by itself, so that the session key never leaves it. */
  rewraps(wrapped: Buffer): boolean;
  /** Locks by the current key what was locked by an earlier one. @throws, @returns as `unwrap` does */
  rewrap(context: KeyContext, wrapped: Buffer): Promise<Buffer | null>;
  /** Whether a newer version has taken the place of what locked this. */
  isOutdated(organizationId: OrganizationId, wrapped: Buffer): Promise<boolean>;
  /** What `lockedBy` says of what is locked now. */
  current(organizationId: OrganizationId): Promise<string>;
  /** Which key, and which version of it, in words; of a damaged one, that. */
  lockedBy(wrapped: Buffer): string;
  /** Where organizations have keys of their own; null where one key locks all. */
  readonly versions: KeyVersions | null;
  /** Where it deletes an organization's key only some days after it was told to; null where it does so at once, or never. */
  readonly deferred: DeferredDeletion | null;
}

/** The key of an organization that is to be deleted: from the first day on it opens nothing. */
export interface ScheduledKey {
  /** As its provider names it. */
  keyId: string;
  /** Until then it can be kept. */
  deletedAfter: Date;
}

export interface DeferredDeletion {
  /** Scheduled once, it stays as it is. @returns null when the organization has no key (any more) @throws KeysUnavailable */
  schedule(organizationId: OrganizationId): Promise<ScheduledKey | null>;
  /** It locks and opens again. @throws KeysUnavailable */
  keep(organizationId: OrganizationId): Promise<void>;
}

/** The versions that an organization's key has. The newest one locks, all open what they have locked. */
export interface KeyVersions {
  /** @returns null when it has no key */
  of(organizationId: OrganizationId): Promise<VersionState | null>;
  rotate(organizationId: OrganizationId): Promise<void>;
  /** Destroys those older than `before`: what they have locked never opens again. */
  retire(organizationId: OrganizationId, before: number): Promise<void>;
  /** What `lockedBy` says of what a version has locked. */
  label(version: number): string;
  /** All who have a key. */
  organizations(): Promise<OrganizationId[]>;
}

export interface VersionState {
  current: number;
  /** When that one was made. */
  since: Date;
  older: number[];
}

/** By what a session key was locked: its first byte. Once given, a number stays. */
export const providerMarks = {
  local: 1,
  vault: 2,
  /** By the key that AWS_KMS_KEY_ID named; before keys were named in what they lock. */
  'aws-kms': 3,
  /** By the key in AWS KMS that it names, ours or the organization's own. */
  'aws-kms-named': 4,
} as const;
export const providerNames = ['local', 'vault', 'aws-kms'] as const;
export type ProviderName = (typeof providerNames)[number];

/** What a wrapped key is bound to, in one spelling. */
export const sessionContext = ({ organizationId, sessionId }: KeyContext): string =>
  JSON.stringify({ purpose: 'cratersync/session-key/v1', organizationId, sessionId });
