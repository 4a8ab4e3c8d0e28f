import { randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import {
  type CustomerKey,
  errors,
  type OrganizationId,
  type RecordingId,
  sessionId,
} from '@cratersync/signaling/protocol';
import { customerProvider, providerNamedIn } from './aws-kms.ts';
import { explained } from './files.ts';
import { type KeyFile, KeyFiles } from './key-files.ts';
import { type DestroyedKey, type KeyContext, type Keys, KeysUnavailable } from './keys.ts';
import { isOtherKeys, type Kms } from './kms.ts';
import {
  type DeferredDeletion,
  type KeyProvider,
  type KeyVersions,
  type ProviderName,
  providerMarks,
  providerNames,
  type ScheduledKey,
} from './provider.ts';
import { KEY_BYTES } from './wrap.ts';

/** The providers that are set up; `active` locks what is new, the others open what they locked before. */
export interface Providers {
  active: ProviderName;
  all: Partial<Record<ProviderName, KeyProvider>>;
  /** For the keys that organizations bring. */
  kms: Kms;
}

/** What an organization's session keys are to be locked by. */
export interface Target {
  provider: KeyProvider;
  /** As `lockedBy` tells it of what is. */
  lockedBy: string;
}

/** Of a stored session key, what shows without opening it. */
export interface Locked extends Pick<KeyFile, 'recordingId' | 'organizationId'> {
  lockedBy: string;
}

/** The key store: session keys as their providers locked them, each readable by this user alone. Nothing is kept in memory. */
export class SessionKeys implements Keys {
  readonly #files: KeyFiles;
  readonly #providers: Providers;
  readonly #active: KeyProvider;

  private constructor(files: KeyFiles, providers: Providers, active: KeyProvider) {
    this.#files = files;
    this.#providers = providers;
    this.#active = active;
  }

  /** @throws KeysUnavailable */
  static async open(directory: string, providers: Providers): Promise<SessionKeys> {
    const active = providers.all[providers.active];
    if (active === undefined) throw new TypeError(`the key provider ${providers.active} is not set up`);
    return explained(async () => {
      const files = await KeyFiles.open(join(directory, 'recordings'), join(directory, 'sessions'));
      return new SessionKeys(files, providers, active);
    });
  }

  createSessionKey(
    context: KeyContext,
    recordingId: RecordingId,
    customerKey: CustomerKey | null = null,
  ): Promise<Buffer> {
    return explained(async () => {
      const { organizationId } = context;
      if ((await this.#files.read(organizationId, recordingId)) === null) {
        const provider = this.#providerFor(customerKey);
        const key = randomBytes(KEY_BYTES);
        const wrapped = await provider.wrap(context, key);
        if (await this.#files.create(organizationId, recordingId, wrapped)) {
          await this.#keepUp(provider, context, { recordingId, wrapped, key });
          return key;
        }
        // Somebody was faster: theirs counts.
      }
      return this.sessionKey(context, recordingId);
    });
  }

  sessionKey(context: KeyContext, recordingId: RecordingId): Promise<Buffer> {
    return explained(async () => {
      const key = await this.#opened(context, recordingId);
      if (key === null) throw errors.erased();
      return key;
    });
  }

  destroySessionKey(recordingId: RecordingId): Promise<void> {
    return explained(() => this.#files.destroy(recordingId));
  }

  async destroyOrganizationKey(organizationId: OrganizationId): Promise<DestroyedKey[]> {
    const destroyed: DestroyedKey[] = [];
    // In one order: whoever does it again gets the same answer.
    for (const provider of providerNames) {
      const done = await this.#providers.all[provider]?.destroy(organizationId);
      if (done !== undefined) destroyed.push({ provider, ...done });
    }
    return destroyed;
  }

  /**
   * Where a provider deletes keys some days after it was told to, these days begin. What it has locked opens no more.
   * @returns null where none does, or the organization has no such key
   * @throws KeysUnavailable
   */
  async scheduleOrganizationKey(organizationId: OrganizationId): Promise<ScheduledKey | null> {
    for (const deferred of this.#deferred) {
      const scheduled = await deferred.schedule(organizationId);
      if (scheduled !== null) return scheduled;
    }
    return null;
  }

  /** The organization's key is kept after all, and opens again. @throws KeysUnavailable */
  async keepOrganizationKey(organizationId: OrganizationId): Promise<void> {
    for (const deferred of this.#deferred) await deferred.keep(organizationId);
  }

  get #deferred(): DeferredDeletion[] {
    return Object.values(this.#providers.all).flatMap(({ deferred }) => deferred ?? []);
  }

  async check(context: KeyContext, customerKey: CustomerKey | null = null): Promise<void> {
    const key = randomBytes(KEY_BYTES);
    const provider = this.#providerFor(customerKey);
    const wrapped = await provider.wrap(context, key);
    const opened = await provider.unwrap(context, wrapped);
    if (opened?.equals(key) !== true) throw new KeysUnavailable('A key that was locked did not open again.');
    if (customerKey === null) return;
    const elsewhere = { ...context, sessionId: sessionId.parse(randomUUID()) };
    const wrongly = await provider.unwrap(elsewhere, wrapped).catch((error: unknown) => {
      if (isOtherKeys(error)) return null;
      throw error;
    });
    if (wrongly !== null)
      throw new KeysUnavailable('A key that was locked for one session opened for another. Use another key.');
  }

  /** @param customerKey the organization's own; null: this installation's provider */
  async target(organizationId: OrganizationId, customerKey: CustomerKey | null): Promise<Target> {
    const provider = this.#providerFor(customerKey);
    return { provider, lockedBy: await provider.current(organizationId) };
  }

  /**
   * Locks a session key by what it is to be locked by; it opens before, during and after.
   * @returns `gone` when it was destroyed, or there is none
   */
  rewrap(
    context: KeyContext,
    recordingId: RecordingId,
    target: Target,
  ): Promise<'rewrapped' | 'current' | 'gone'> {
    return explained(async () => {
      const { organizationId } = context;
      const wrapped = await this.#files.read(organizationId, recordingId);
      if (wrapped === null) return 'gone';
      const source = this.#providerOf(recordingId, wrapped);
      if (source.lockedBy(wrapped) === target.lockedBy) return 'current';
      const next = await lockedAnew(source, target.provider, context, wrapped);
      if (next === null) return 'gone';
      return (await this.#files.replace(organizationId, recordingId, next)) ? 'rewrapped' : 'gone';
    });
  }

  /** Of the provider that locks what is new; null where it has none. */
  get versions(): KeyVersions | null {
    return this.#active.versions;
  }

  async *list(): AsyncGenerator<Locked> {
    for await (const { wrapped, ...file } of this.#files.list())
      yield { ...file, lockedBy: this.#lockedBy(file.recordingId, wrapped) };
  }

  #lockedBy(recordingId: RecordingId, wrapped: Buffer): string {
    try {
      return this.#providerOf(recordingId, wrapped).lockedBy(wrapped);
    } catch (error) {
      if (error instanceof KeysUnavailable) return 'unknown: damaged, or its provider is not set up';
      throw error;
    }
  }

  #providerFor(customerKey: CustomerKey | null): KeyProvider {
    return customerKey === null ? this.#active : customerProvider(this.#providers.kms, customerKey);
  }

  /**
   * The organization's key may have been rotated between the locking and the writing, and those who rotate may have gone
   * past here: as long as the key is in memory, it can be locked by the new version.
   */
  async #keepUp(
    provider: KeyProvider,
    context: KeyContext,
    made: { recordingId: RecordingId; wrapped: Buffer; key: Buffer },
  ): Promise<void> {
    const { organizationId } = context;
    if (!(await provider.isOutdated(organizationId, made.wrapped))) return;
    await this.#files.replace(organizationId, made.recordingId, await provider.wrap(context, made.key));
  }

  /** What does not open may have been locked by another version while it was read. */
  async #opened(context: KeyContext, recordingId: RecordingId): Promise<Buffer | null> {
    for (;;) {
      const wrapped = await this.#files.read(context.organizationId, recordingId);
      if (wrapped === null) return null;
      try {
        const key = await this.#providerOf(recordingId, wrapped).unwrap(context, wrapped);
        if (key === null || key.length === KEY_BYTES) return key;
        throw new KeysUnavailable(`The key of recording ${recordingId} is damaged.`);
      } catch (error) {
        const again = await this.#files.read(context.organizationId, recordingId);
        if (again === null || again.equals(wrapped)) throw error;
      }
    }
  }

  #providerOf(recordingId: RecordingId, wrapped: Buffer): KeyProvider {
    const [mark] = wrapped;
    if (mark === providerMarks['aws-kms-named']) return providerNamedIn(this.#providers.kms, wrapped);
    const name = Object.entries(providerMarks).find(([, each]) => each === mark)?.[0];
    if (name === undefined) throw new KeysUnavailable(`The key of recording ${recordingId} is damaged.`);
    const provider = this.#providers.all[name as ProviderName];
    if (provider !== undefined) return provider;
    throw new KeysUnavailable(
      `The key of recording ${recordingId} was locked by ${name}, which is not set up. Set its variables again, also when KEY_PROVIDER names another.`,
    );
  }
}

/** @returns null when what locked it was destroyed */
async function lockedAnew(
  source: KeyProvider,
  target: KeyProvider,
  context: KeyContext,
  wrapped: Buffer,
): Promise<Buffer | null> {
  if (target.rewraps(wrapped)) return target.rewrap(context, wrapped);
  const key = await source.unwrap(context, wrapped);
  return key === null ? null : target.wrap(context, key);
}
