import { access, mkdir, opendir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type OrganizationId,
  organizationId as organizationIdSchema,
  type RecordingId,
  recordingId as recordingIdSchema,
} from '@cratersync/signaling/protocol';
import { isMissing, isSystemError, statIfPresent, sweep, syncDirectory } from '../store/durable-files.ts';
import { createDurably } from '../store/publish-file.ts';
import { destroyFile, destroyFolder, namesIn, openFolder, readIfPresent, replaceDurably } from './files.ts';
import { KeysUnavailable } from './keys.ts';

/** A session key as it lies on the disk. */
export interface KeyFile {
  recordingId: RecordingId;
  /** null for one from before the name said it. */
  organizationId: OrganizationId | null;
  wrapped: Buffer;
}

/**
 * Wrapped session keys: one folder a recording, which holds one file called after its organization. To destroy a key, its
 * folder is moved away first: whoever is about to put a newly wrapped one in its place has nowhere to put it from then
 * on, so nothing that was destroyed comes back. Earlier ones are files called after the recording, in another folder.
 */
export class KeyFiles {
  readonly #directory: string;
  readonly #earlier: string;

  private constructor(directory: string, earlier: string) {
    this.#directory = directory;
    this.#earlier = earlier;
  }

  static async open(directory: string, earlier: string): Promise<KeyFiles> {
    await openFolder(directory);
    return new KeyFiles(directory, earlier);
  }

  /** @throws KeysUnavailable when it is another organization's */
  async read(organizationId: OrganizationId, recordingId: RecordingId): Promise<Buffer | null> {
    const path = this.#path(organizationId, recordingId);
    // Looked for again at last: it may have been moved from the earlier place meanwhile.
    for (const place of [path, join(this.#earlier, recordingId), path]) {
      const wrapped = await readIfPresent(place);
      if (wrapped !== null) return wrapped;
    }
    if ((await this.#organizations(recordingId)).length > 0)
      throw new KeysUnavailable('A session key does not open: it belongs to another organization.');
    // A key store that is away is not an erased recording.
    await access(this.#directory);
    return null;
  }

  /** @returns false when there is one already */
  async create(organizationId: OrganizationId, recordingId: RecordingId, wrapped: Buffer): Promise<boolean> {
    await this.#makeFolder(recordingId);
    return createDurably(this.#path(organizationId, recordingId), wrapped);
  }

  /** @returns false when it was destroyed meanwhile */
  async replace(organizationId: OrganizationId, recordingId: RecordingId, wrapped: Buffer): Promise<boolean> {
    const path = this.#path(organizationId, recordingId);
    if ((await statIfPresent(path)) === null && !(await this.#moveEarlier(organizationId, recordingId)))
      return false;
    return replaceDurably(path, wrapped);
  }

  async destroy(recordingId: RecordingId): Promise<void> {
    // In this order: one that is being moved from the earlier place is found in the other.
    await destroyFile(join(this.#earlier, recordingId));
    await destroyFolder(join(this.#directory, recordingId), join(this.#directory, `.gone-${recordingId}`));
  }

  /** All of them, in no order. */
  async *list(): AsyncGenerator<KeyFile> {
    for await (const { name } of await opendir(this.#directory)) {
      const recordingId = recordingIdSchema.safeParse(name).data;
      if (recordingId === undefined) continue;
      for (const organizationId of await this.#organizations(recordingId)) {
        const wrapped = await readIfPresent(this.#path(organizationId, recordingId));
        if (wrapped !== null) yield { recordingId, organizationId, wrapped };
      }
    }
    yield* this.#listEarlier();
  }

  async *#listEarlier(): AsyncGenerator<KeyFile> {
    for (const name of await namesIn(this.#earlier)) {
      const recordingId = recordingIdSchema.safeParse(name).data;
      const wrapped = recordingId && (await readIfPresent(join(this.#earlier, name)));
      if (recordingId && wrapped) yield { recordingId, organizationId: null, wrapped };
    }
  }

  async #organizations(recordingId: RecordingId): Promise<OrganizationId[]> {
    const folder = join(this.#directory, recordingId);
    const names = await namesIn(folder);
    // What a process left that was killed over it.
    if (names.some(name => name.startsWith('.')))
      await sweep(folder, name => name.startsWith('.')).catch(unlessMissing);
    return names.flatMap(name => organizationIdSchema.safeParse(name).data ?? []);
  }

  async #moveEarlier(organizationId: OrganizationId, recordingId: RecordingId): Promise<boolean> {
    const from = join(this.#earlier, recordingId);
    if ((await statIfPresent(from)) === null) return false;
    await this.#makeFolder(recordingId);
    try {
      await rename(from, this.#path(organizationId, recordingId));
    } catch (error) {
      if (isMissing(error)) return false;
      throw error;
    }
    await syncDirectory(join(this.#directory, recordingId));
    await syncDirectory(this.#earlier);
    return true;
  }

  async #makeFolder(recordingId: RecordingId): Promise<void> {
    try {
      await mkdir(join(this.#directory, recordingId), { mode: 0o700 });
    } catch (error) {
      if (!isSystemError(error) || error.code !== 'EEXIST') throw error;
    }
    await syncDirectory(this.#directory);
  }

  #path(organizationId: OrganizationId, recordingId: RecordingId): string {
    return join(this.#directory, recordingId, organizationId);
  }
}

function unlessMissing(error: unknown): void {
  if (!isMissing(error)) throw error;
}
