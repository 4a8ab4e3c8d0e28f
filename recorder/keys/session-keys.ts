import { randomBytes } from 'node:crypto';
import { access, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errors, type RecordingId } from '@cratersync/signaling/protocol';
import {
  isMissing,
  makeDirectory,
  sweep,
  syncDirectory,
  syncParents,
  unlinkIfPresent,
} from '../store/durable-files.ts';
import { createDurably } from '../store/publish-file.ts';
import { explained, readIfPresent } from './files.ts';
import { type KeyContext, type Keys, KeysUnavailable } from './keys.ts';
import { type KeyProvider, type ProviderName, providerMarks } from './provider.ts';
import { KEY_BYTES } from './wrap.ts';

/** The providers that are set up; `active` locks what is new, the others open what they locked before. */
export interface Providers {
  active: ProviderName;
  all: Partial<Record<ProviderName, KeyProvider>>;
}

/**
 * The key store: one file per recording with its session key, as its provider locked it. Every file is readable by this
 * user alone, and is made once and never changed.
 */
export class SessionKeys implements Keys {
  readonly #directory: string;
  readonly #providers: Providers;
  readonly #active: KeyProvider;

  private constructor(directory: string, providers: Providers, active: KeyProvider) {
    this.#directory = directory;
    this.#providers = providers;
    this.#active = active;
  }

  /** @throws KeysUnavailable */
  static async open(directory: string, providers: Providers): Promise<SessionKeys> {
    const active = providers.all[providers.active];
    if (active === undefined) throw new TypeError(`the key provider ${providers.active} is not set up`);
    return explained(async () => {
      await makeDirectory(directory);
      await syncParents(directory, dirname(dirname(directory)));
      await sweep(directory, name => name.startsWith('.'));
      return new SessionKeys(directory, providers, active);
    });
  }

  createSessionKey(context: KeyContext, recordingId: RecordingId): Promise<Buffer> {
    return explained(async () => {
      const path = join(this.#directory, recordingId);
      const existing = await readIfPresent(path);
      if (existing === null) {
        const key = randomBytes(KEY_BYTES);
        const wrapped = await this.#active.wrap(context, key);
        if (await createDurably(path, wrapped)) return key;
        // Somebody was faster: theirs counts.
      }
      return this.sessionKey(context, recordingId);
    });
  }

  sessionKey(context: KeyContext, recordingId: RecordingId): Promise<Buffer> {
    return explained(async () => {
      const wrapped = await readIfPresent(join(this.#directory, recordingId));
      const key = wrapped === null ? null : await this.#unwrap(context, recordingId, wrapped);
      if (key !== null) return key;
      // A key store that is away is not an erased recording.
      await access(this.#directory);
      throw errors.erased();
    });
  }

  destroySessionKey(recordingId: RecordingId): Promise<void> {
    return explained(async () => {
      const path = join(this.#directory, recordingId);
      await overwrite(path);
      if (await unlinkIfPresent(path)) await syncDirectory(this.#directory);
    });
  }

  async check(context: KeyContext): Promise<void> {
    const key = randomBytes(KEY_BYTES);
    const opened = await this.#active.unwrap(context, await this.#active.wrap(context, key));
    if (opened?.equals(key) !== true) throw new KeysUnavailable('A key that was locked did not open again.');
  }

  async #unwrap(context: KeyContext, recordingId: RecordingId, wrapped: Buffer): Promise<Buffer | null> {
    const name = Object.entries(providerMarks).find(([, mark]) => mark === wrapped[0])?.[0];
    if (name === undefined) throw new KeysUnavailable(`The key of recording ${recordingId} is damaged.`);
    const provider = this.#providers.all[name as ProviderName];
    if (provider === undefined)
      throw new KeysUnavailable(
        `The key of recording ${recordingId} was locked by ${name}, which is not set up. Set its variables again, also when KEY_PROVIDER names another.`,
      );
    const key = await provider.unwrap(context, wrapped);
    if (key === null || key.length === KEY_BYTES) return key;
    throw new KeysUnavailable(`The key of recording ${recordingId} is damaged.`);
  }
}

/**
 * Wipes the bytes before the name goes. They would lie in free blocks otherwise, or under a temporary name that a
 * crash has left.
 */
async function overwrite(path: string): Promise<void> {
  try {
    await using file = await open(path, 'r+');
    const { size } = await file.stat();
    await file.write(randomBytes(size), 0, size, 0);
    await file.sync();
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}
