import type { CustomerKey, OrganizationId, RecordingId, SessionId } from '@cratersync/signaling/protocol';
import type { ProviderName } from './provider.ts';

/**
 * Whose key it is. Taken from the authenticated request, never from what is stored: a wrapped key opens only for the
 * organization and session it was made for.
 */
export interface KeyContext {
  organizationId: OrganizationId;
  sessionId: SessionId;
}

/** What became of an organization's key with a provider. */
export interface DestroyedKey {
  provider: ProviderName;
  /** As its provider names it. */
  keyId: string;
  /** `scheduled`: it opens nothing, and its provider deletes it in some days. `shared`: it is others' key, too, and stays. */
  outcome: 'destroyed' | 'scheduled' | 'shared';
  /** Of one that is scheduled: when its provider deletes it; ISO 8601. */
  deletedAfter?: string;
}

/** Session keys: one per recording, 32 random bytes, stored wrapped by its organization's key. */
export interface Keys {
  /**
   * The recording's key, made and stored durably the first time.
   * @param customerKey what wraps it, in place of this installation's provider
   * @throws KeysUnavailable
   */
  createSessionKey(
    context: KeyContext,
    recordingId: RecordingId,
    customerKey?: CustomerKey | null | undefined,
  ): Promise<Buffer>;
  /** @throws `erased` when there is none; KeysUnavailable when it does not open for this context */
  sessionKey(context: KeyContext, recordingId: RecordingId): Promise<Buffer>;
  /** After this nobody can read the recording, not even with a copy of all it stored. */
  destroySessionKey(recordingId: RecordingId): Promise<void>;
  /**
   * After this no session key opens that was locked by the organization's key, wherever a copy of it lies.
   * @returns what became of that with each provider that is set up; `shared`: every session key has to be destroyed instead
   * @throws KeysUnavailable
   */
  destroyOrganizationKey(organizationId: OrganizationId): Promise<DestroyedKey[]>;
  /** Wraps and unwraps a key that is then forgotten, and sees that it opens for nobody else. */
  check(context: KeyContext, customerKey?: CustomerKey | null | undefined): Promise<void>;
}

/** A key can't be had. Its message is a sentence for people who run the system. */
export class KeysUnavailable extends Error {
  constructor(reason: string, cause?: unknown) {
    super(reason, cause === undefined ? undefined : { cause });
    this.name = 'KeysUnavailable';
  }
}

/** A key that the organization brought itself refuses. Its message is for the organization's owners. */
export class CustomerKeyRefused extends KeysUnavailable {}
