import { randomBytes } from 'node:crypto';
import { access, readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { OrganizationId } from '@cratersync/signaling/protocol';
import { makeDirectory, sweep, syncParents } from '../store/durable-files.ts';
import { createDurably } from '../store/publish-file.ts';
import { explained, readIfPresent } from './files.ts';
import { type KeyContext, KeysUnavailable } from './keys.ts';
import { type KeyProvider, sessionContext } from './provider.ts';
import { KEY_BYTES, unwrap, wrap } from './wrap.ts';

/**
 * Organizations' keys in files under a master key. Every file is readable by this user alone, and is made once and
 * never changed. What it locks begins with the version of wrap.ts, 1, which is its mark, too.
 */
export class LocalProvider implements KeyProvider {
  readonly #masterKey: Buffer;
  readonly #masterKeyFile: string;
  readonly #organizations: string;

  private constructor(masterKey: Buffer, masterKeyFile: string, organizations: string) {
    this.#masterKey = masterKey;
    this.#masterKeyFile = masterKeyFile;
    this.#organizations = organizations;
  }

  /** @throws KeysUnavailable when the master key is lost or unreadable */
  static async open(options: { masterKeyFile: string; organizations: string }): Promise<LocalProvider> {
    const { masterKeyFile, organizations } = options;
    return explained(async () => {
      await makeDirectory(organizations);
      await syncParents(organizations, dirname(dirname(organizations)));
      await sweep(organizations, name => name.startsWith('.'));
      const masterKey = await openMasterKey(masterKeyFile, organizations);
      return new LocalProvider(masterKey, masterKeyFile, organizations);
    });
  }

  wrap(context: KeyContext, key: Buffer): Promise<Buffer> {
    return explained(async () => {
      const organizationKey = await this.#organizationKeyMade(context.organizationId);
      return wrap(organizationKey, key, sessionContext(context));
    });
  }

  unwrap(context: KeyContext, wrapped: Buffer): Promise<Buffer | null> {
    return explained(async () => {
      const organizationKey = await this.#organizationKey(context.organizationId);
      if (organizationKey === null) {
        // Files that are away are no destroyed key.
        await access(this.#organizations);
        return null;
      }
      const key = unwrap(organizationKey, wrapped, sessionContext(context));
      if (key !== null) return key;
      throw new KeysUnavailable(
        'A session key does not open: it belongs to another organization or session, or is damaged.',
      );
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

const organizationContext = (organizationId: OrganizationId) =>
  JSON.stringify({ purpose: 'cratersync/organization-key/v1', organizationId });

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
