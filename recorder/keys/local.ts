import { randomBytes } from 'node:crypto';
import { access, open, readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errors, type OrganizationId, type RecordingId } from '@cratersync/signaling/protocol';
import {
  isMissing,
  isSystemError,
  makeDirectory,
  sweep,
  syncDirectory,
  syncParents,
  unlinkIfPresent,
} from '../store/durable-files.ts';
import { createDurably } from '../store/publish-file.ts';
import { type KeyContext, type Keys, KeysUnavailable } from './keys.ts';
import { KEY_BYTES, unwrap, wrap } from './wrap.ts';

/**
 * Keys in files: a master key, under it one key per organization, and under those the session keys. Every file is
 * readable by this user alone, and is made once and never changed.
 */
export class LocalKeys implements Keys {
  readonly #masterKey: Buffer;
  readonly #masterKeyFile: string;
  readonly #organizations: string;
  readonly #sessions: string;

  private constructor(masterKey: Buffer, masterKeyFile: string, directory: string) {
    this.#masterKey = masterKey;
    this.#masterKeyFile = masterKeyFile;
    this.#organizations = join(directory, 'organizations');
    this.#sessions = join(directory, 'sessions');
  }

  /** @throws KeysUnavailable when the master key is lost or unreadable */
  static async open(options: { masterKeyFile: string; directory: string }): Promise<LocalKeys> {
    const { masterKeyFile, directory } = options;
    return explained(async () => {
      for (const path of [join(directory, 'organizations'), join(directory, 'sessions')]) {
        await makeDirectory(path);
        await syncParents(path, dirname(directory));
        await sweep(path, name => name.startsWith('.'));
      }
      const masterKey = await openMasterKey(masterKeyFile, join(directory, 'organizations'));
      return new LocalKeys(masterKey, masterKeyFile, directory);
    });
  }

  createSessionKey(context: KeyContext, recordingId: RecordingId): Promise<Buffer> {
    return explained(async () => {
      const organizationKey = await this.#organizationKeyMade(context.organizationId);
      const path = join(this.#sessions, recordingId);
      const key = randomBytes(KEY_BYTES);
      if (await createDurably(path, wrap(organizationKey, key, sessionContext(context)))) return key;
      return unwrapSessionKey(organizationKey, await readFile(path), context, recordingId);
    });
  }

  sessionKey(context: KeyContext, recordingId: RecordingId): Promise<Buffer> {
    return explained(async () => {
      const wrapped = await readIfPresent(join(this.#sessions, recordingId));
      const organizationKey = await this.#organizationKey(context.organizationId);
      if (wrapped === null || organizationKey === null) {
        // A key store that is away is not an erased recording.
        for (const directory of [this.#organizations, this.#sessions]) await access(directory);
        throw errors.erased();
      }
      return unwrapSessionKey(organizationKey, wrapped, context, recordingId);
    });
  }

  destroySessionKey(recordingId: RecordingId): Promise<void> {
    return explained(async () => {
      const path = join(this.#sessions, recordingId);
      await overwrite(path);
      if (await unlinkIfPresent(path)) await syncDirectory(this.#sessions);
    });
  }

  check(context: KeyContext): Promise<void> {
    return explained(async () => {
      const organizationKey = await this.#organizationKeyMade(context.organizationId);
      const key = randomBytes(KEY_BYTES);
      const wrapped = wrap(organizationKey, key, sessionContext(context));
      if (unwrap(organizationKey, wrapped, sessionContext(context))?.equals(key)) return;
      throw new KeysUnavailable('A key that was locked did not open again.');
    });
  }

  async #organizationKeyMade(organizationId: OrganizationId): Promise<Buffer> {
    const path = join(this.#organizations, organizationId);
    const existing = await this.#organizationKey(organizationId);
    if (existing !== null) return existing;
    const key = randomBytes(KEY_BYTES);
    if (await createDurably(path, wrap(this.#masterKey, key, organizationContext(organizationId))))
      return key;
    return this.#organizationKeyMade(organizationId);
  }

  async #organizationKey(organizationId: OrganizationId): Promise<Buffer | null> {
    const wrapped = await readIfPresent(join(this.#organizations, organizationId));
    if (wrapped === null) return null;
    const key = unwrap(this.#masterKey, wrapped, organizationContext(organizationId));
    if (key !== null) return key;
    throw new KeysUnavailable(
      `The key of organization ${organizationId} does not open with the master key in ${this.#masterKeyFile}. ` +
        'Restore the master key that was in use when the organization made its first recording.',
    );
  }
}

/** What a wrapped key is bound to, in one spelling. */
const sessionContext = ({ organizationId, sessionId }: KeyContext) =>
  JSON.stringify({ purpose: 'cratersync/session-key/v1', organizationId, sessionId });
const organizationContext = (organizationId: OrganizationId) =>
  JSON.stringify({ purpose: 'cratersync/organization-key/v1', organizationId });

function unwrapSessionKey(
  organizationKey: Buffer,
  wrapped: Buffer,
  context: KeyContext,
  recordingId: RecordingId,
): Buffer {
  const key = unwrap(organizationKey, wrapped, sessionContext(context));
  if (key !== null) return key;
  throw new KeysUnavailable(
    `The key of recording ${recordingId} does not open: it belongs to another organization or session, or is damaged.`,
  );
}

async function openMasterKey(path: string, organizations: string): Promise<Buffer> {
  let text = await readIfPresent(path);
  if (text === null) {
    const names = await readdir(organizations);
    if (names.length > 0) {
      throw new KeysUnavailable(
        `The master key ${path} is missing, and ${organizations} holds keys that only it opens. ` +
          'Restore it from your backup: without it, nothing recorded so far can be read.',
      );
    }
    await makeDirectory(dirname(path));
    await syncParents(dirname(path), dirname(dirname(path)));
    await createDurably(path, Buffer.from(`${randomBytes(KEY_BYTES).toString('hex')}\n`));
    // Another process may have been first: what is in the file counts.
    text = await readFile(path);
  }
  const hex = text.toString().trim();
  if (!/^[0-9a-f]{64}$/.test(hex)) {
    throw new KeysUnavailable(`The master key ${path} is damaged: it should hold 64 hexadecimal digits.`);
  }
  return Buffer.from(hex, 'hex');
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

async function readIfPresent(path: string): Promise<Buffer | null> {
  try {
    return await readFile(path);
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

async function explained<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isSystemError(error)) throw error;
    throw new KeysUnavailable(`The key store failed: ${error.message}.`, error);
  }
}
