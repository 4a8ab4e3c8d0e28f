import type { OrganizationId } from '@cratersync/signaling/protocol';
import { explained } from './files.ts';
import { type KeyContext, KeysUnavailable } from './keys.ts';
import { MasterKey } from './master-key.ts';
import { OrganizationKeys } from './organization-keys.ts';
import { type KeyProvider, type KeyVersions, providerMarks, sessionContext } from './provider.ts';
import { unwrap, WRAPPED_BYTES, wrap } from './wrap.ts';

const HEAD_BYTES = 5;

/**
 * Organizations' keys in files under a master key. What it locks: mark u8, version u32, and what wrap.ts makes. Before
 * there were versions it was the latter alone, which begins with the mark, too.
 */
export class LocalProvider implements KeyProvider {
  readonly #keys: OrganizationKeys;
  readonly versions: KeyVersions;
  readonly deferred = null;

  private constructor(keys: OrganizationKeys) {
    this.#keys = keys;
    this.versions = {
      of: organizationId => explained(() => keys.of(organizationId)),
      rotate: organizationId => explained(() => keys.rotate(organizationId)),
      retire: (organizationId, before) => explained(() => keys.retire(organizationId, before)),
      label: labelOf,
      organizations: () => explained(() => keys.organizations()),
    };
  }

  /** @throws KeysUnavailable when the master key is lost or unreadable */
  static open(options: { masterKeyFile: string; organizations: string }): Promise<LocalProvider> {
    const master = new MasterKey(options.masterKeyFile);
    return explained(
      async () => new LocalProvider(await OrganizationKeys.open(options.organizations, master)),
    );
  }

  wrap(context: KeyContext, key: Buffer): Promise<Buffer> {
    return explained(async () => {
      const organization = await this.#keys.made(context.organizationId);
      const head = Buffer.alloc(HEAD_BYTES);
      head.writeUInt8(providerMarks.local, 0);
      head.writeUInt32BE(organization.version, 1);
      return Buffer.concat([head, wrap(organization.key, key, sessionContext(context))]);
    });
  }

  unwrap(context: KeyContext, wrapped: Buffer): Promise<Buffer | null> {
    return explained(async () => {
      const { organizationId } = context;
      const version = versionOf(wrapped);
      const organizationKey = await this.#keys.key(organizationId, version);
      if (organizationKey === null) {
        if ((await this.#keys.of(organizationId)) === null) return null;
        throw new KeysUnavailable(
          'A session key does not open: it belongs to another organization, or is damaged, or the version of the ' +
            `organization's key that locks it (${version}) was destroyed.`,
        );
      }
      const inner = wrapped.length === WRAPPED_BYTES ? wrapped : wrapped.subarray(HEAD_BYTES);
      const key = unwrap(organizationKey, inner, sessionContext(context));
      if (key !== null) return key;
      throw new KeysUnavailable(
        'A session key does not open: it belongs to another organization or session, or is damaged.',
      );
    });
  }

  destroy(organizationId: OrganizationId) {
    return explained(async () => {
      await this.#keys.destroy(organizationId);
      return { keyId: organizationId, outcome: 'destroyed' } as const;
    });
  }

  rewraps(wrapped: Buffer): boolean {
    return wrapped[0] === providerMarks.local;
  }

  async rewrap(context: KeyContext, wrapped: Buffer): Promise<Buffer | null> {
    const key = await this.unwrap(context, wrapped);
    return key === null ? null : this.wrap(context, key);
  }

  async current(organizationId: OrganizationId): Promise<string> {
    return labelOf((await this.versions.of(organizationId))?.current ?? 1);
  }

  async isOutdated(organizationId: OrganizationId, wrapped: Buffer): Promise<boolean> {
    return (await this.current(organizationId)) !== this.lockedBy(wrapped);
  }

  lockedBy(wrapped: Buffer): string {
    return labelOf(versionOf(wrapped));
  }

  /** @param onProgress how many organizations' keys have been gone through, of how many */
  rotateMaster(onProgress: (done: number, of: number) => void): Promise<void> {
    return explained(() => this.#keys.rotateMaster(onProgress));
  }
}

const labelOf = (version: number) => `local, version ${version}`;
const versionOf = (wrapped: Buffer): number =>
  wrapped.length === WRAPPED_BYTES ? 1 : wrapped.length < HEAD_BYTES ? 0 : wrapped.readUInt32BE(1);
