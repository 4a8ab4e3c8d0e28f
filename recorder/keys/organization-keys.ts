import { randomBytes } from 'node:crypto';
import { access, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type OrganizationId, organizationId as organizationIdSchema } from '@cratersync/signaling/protocol';
import { makeDirectory, statIfPresent, sweep, syncDirectory } from '../store/durable-files.ts';
import { createDurably } from '../store/publish-file.ts';
import { destroyFile, destroyFolder, namesIn, openFolder, readIfPresent, replaceDurably } from './files.ts';
import { KeysUnavailable } from './keys.ts';
import type { MasterKey } from './master-key.ts';
import type { VersionState } from './provider.ts';
import { KEY_BYTES, unwrap, wrap } from './wrap.ts';

const FIRST = 1;

/**
 * Organizations' keys in files under a master key: ORGANIZATION.keys/1, 2 … are the versions of one. What is called
 * ORGANIZATION is the first version of one that was made before there were any.
 */
export class OrganizationKeys {
  readonly #directory: string;
  readonly #master: MasterKey;

  private constructor(directory: string, master: MasterKey) {
    this.#directory = directory;
    this.#master = master;
  }

  /** @throws KeysUnavailable when the master key is lost or unreadable */
  static async open(directory: string, master: MasterKey): Promise<OrganizationKeys> {
    await openFolder(directory);
    await sweep(directory, name => name.startsWith('.'));
    await master.make(async () => (await readdir(directory)).length > 0);
    return new OrganizationKeys(directory, master);
  }

  async of(organizationId: OrganizationId): Promise<VersionState | null> {
    const versions = await this.#versions(organizationId);
    const current = versions.at(-1);
    if (current === undefined) {
      // Files that are away are no destroyed key.
      await access(this.#directory);
      return null;
    }
    const { mtime } = await stat(await this.#path(organizationId, current));
    return { current, since: mtime, older: versions.slice(0, -1) };
  }

  async organizations(): Promise<OrganizationId[]> {
    const names = (await readdir(this.#directory)).map(name => name.replace(/\.keys$/, ''));
    return [...new Set(names)].flatMap(name => organizationIdSchema.safeParse(name).data ?? []);
  }

  /** The newest one; made, where there is none. */
  async made(organizationId: OrganizationId): Promise<{ version: number; key: Buffer }> {
    const version = (await this.#versions(organizationId)).at(-1);
    const key = version === undefined ? null : await this.key(organizationId, version);
    if (version !== undefined && key !== null) return { version, key };
    await this.#create(organizationId, FIRST);
    return this.made(organizationId);
  }

  async rotate(organizationId: OrganizationId): Promise<void> {
    const current = (await this.#versions(organizationId)).at(-1) ?? 0;
    await this.#create(organizationId, current + 1);
  }

  async retire(organizationId: OrganizationId, before: number): Promise<void> {
    if (await this.#master.isRotating())
      throw new KeysUnavailable(
        'The rotation of the master key is not finished: run cratersync keys rotate master first.',
      );
    const older = (await this.#versions(organizationId)).slice(0, -1).filter(version => version < before);
    for (const version of older) await destroyFile(await this.#path(organizationId, version));
  }

  /** All versions; none is as good. */
  async destroy(organizationId: OrganizationId): Promise<void> {
    // Files that are away are no destroyed key.
    await access(this.#directory);
    await destroyFile(join(this.#directory, organizationId));
    await destroyFolder(this.#folder(organizationId), join(this.#directory, `${organizationId}.gone`));
  }

  /** @returns null when there is no such version */
  async key(organizationId: OrganizationId, version: number): Promise<Buffer | null> {
    // Twice: the master key may have been rotated between the reading of one file and of the other.
    for (const last of [false, true]) {
      const wrapped = await readIfPresent(await this.#path(organizationId, version));
      if (wrapped === null) return null;
      const key = await this.#opened(wrapped, contextOf(organizationId, version));
      if (key !== null) return key.key;
      if (last) break;
    }
    throw new KeysUnavailable(
      `The key of organization ${organizationId} does not open with the master key in ${this.#master.file}. ` +
        'Restore the master key that was in use when the organization made its first recording.',
    );
  }

  /** Locks everything by another master key, and goes on where an earlier one was broken off. */
  async rotateMaster(onProgress: (done: number, of: number) => void): Promise<void> {
    await this.#master.beginRotation();
    for (let replaced = -1; replaced !== 0; ) {
      replaced = 0;
      const organizations = await this.organizations();
      for (const [i, organizationId] of organizations.entries()) {
        for (const version of await this.#versions(organizationId))
          if (await this.#relock(organizationId, version)) replaced += 1;
        onProgress(i + 1, organizations.length);
      }
    }
    await this.#master.finishRotation();
  }

  /** @returns whether it was locked by another master key than the newest one */
  async #relock(organizationId: OrganizationId, version: number): Promise<boolean> {
    const path = await this.#path(organizationId, version);
    const [wrapped, found] = [await readIfPresent(path), await statIfPresent(path)];
    if (wrapped === null || found === null) return false;
    const context = contextOf(organizationId, version);
    const opened = await this.#opened(wrapped, context);
    if (opened === null)
      throw new KeysUnavailable(`${path} opens with no master key: mend that before the rotation goes on.`);
    if (opened.isNewest) return false;
    const [newest] = await this.#master.all();
    return replaceDurably(path, wrap(newest, opened.key, context), found.mtime);
  }

  async #create(organizationId: OrganizationId, version: number): Promise<void> {
    const directory = this.#folder(organizationId);
    if (await makeDirectory(directory)) await syncDirectory(this.#directory);
    const [master] = await this.#master.all();
    const locked = wrap(master, randomBytes(KEY_BYTES), contextOf(organizationId, version));
    // Another process may be first: theirs counts.
    await createDurably(join(directory, String(version)), locked);
    // The master key may have been rotated meanwhile, and the rotation may have gone past here.
    const [now] = await this.#master.all();
    if (now.equals(master)) return;
    const context = contextOf(organizationId, version);
    const key = unwrap(master, locked, context);
    const stored = await readIfPresent(join(directory, String(version)));
    if (key !== null && stored?.equals(locked))
      await replaceDurably(join(directory, String(version)), wrap(now, key, context));
  }

  async #opened(wrapped: Buffer, context: string): Promise<{ key: Buffer; isNewest: boolean } | null> {
    for (const [i, master] of (await this.#master.all()).entries()) {
      const key = unwrap(master, wrapped, context);
      if (key !== null) return { key, isNewest: i === 0 };
    }
    return null;
  }

  /** In ascending order. */
  async #versions(organizationId: OrganizationId): Promise<number[]> {
    const names = await namesIn(this.#folder(organizationId));
    const versions = names.filter(name => /^\d+$/.test(name)).map(Number);
    const hasOld = (await statIfPresent(join(this.#directory, organizationId))) !== null;
    return [...new Set([...(hasOld ? [FIRST] : []), ...versions])].sort((a, b) => a - b);
  }

  async #path(organizationId: OrganizationId, version: number): Promise<string> {
    const path = join(this.#folder(organizationId), String(version));
    if (version !== FIRST || (await statIfPresent(path)) !== null) return path;
    const old = join(this.#directory, organizationId);
    return (await statIfPresent(old)) === null ? path : old;
  }

  #folder(organizationId: OrganizationId): string {
    return join(this.#directory, `${organizationId}.keys`);
  }
}

const contextOf = (organizationId: OrganizationId, version: number) =>
  JSON.stringify({
    purpose: 'cratersync/organization-key/v1',
    organizationId,
    ...(version > FIRST && { version }),
  });
