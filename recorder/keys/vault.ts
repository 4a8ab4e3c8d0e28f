import { readFile } from 'node:fs/promises';
import { retry } from '@cratersync/infra/runtime';
import { type OrganizationId, organizationId as organizationIdSchema } from '@cratersync/signaling/protocol';
import { z } from 'zod';
import { type KeyContext, KeysUnavailable } from './keys.ts';
import {
  type KeyProvider,
  type KeyVersions,
  providerMarks,
  sessionContext,
  type VersionState,
} from './provider.ts';

export interface VaultConfig {
  /** Such as https://vault.example.org:8200. */
  address: string;
  /** Read for every request: an agent beside us may renew what is in the file. */
  token: { value: string } | { file: string };
  /** Where the transit engine is mounted. */
  mount: string;
  namespace?: string | undefined;
  /** How long one try may take. */
  timeoutMs?: number;
}

const TIMEOUT_MS = 3_000;
const ATTEMPTS = 3;
/** At most. */
const FIRST_WAIT_MS = 200;
const MARK = Buffer.of(providerMarks.vault);
const KEY_TYPE = 'aes256-gcm96';

const answers = {
  encrypted: z.object({ data: z.object({ ciphertext: z.string() }) }),
  decrypted: z.object({ data: z.object({ plaintext: z.base64() }) }),
  /** Of each version that is there, when it was made, in seconds. */
  key: z.object({
    data: z.object({ latest_version: z.int(), keys: z.record(z.string().regex(/^\d+$/), z.number()) }),
  }),
  listed: z.object({ data: z.object({ keys: z.array(z.string()) }) }),
  refused: z.object({ errors: z.array(z.string()) }),
};

/** It may be otherwise in a moment. */
class VaultBusy extends KeysUnavailable {}
class VaultForbids extends KeysUnavailable {}
class VaultHasNone extends KeysUnavailable {}

type Method = 'GET' | 'POST' | 'DELETE' | 'LIST';

/**
 * Organizations' keys in the transit engine of HashiCorp Vault or OpenBao, one each, `derived`: each session is locked
 * with a key of its own that the engine derives from its context (Vault API, "Transit secrets engine").
 */
export class VaultProvider implements KeyProvider {
  readonly #config: VaultConfig;
  /** Organizations whose key is known to be there. */
  readonly #made = new Set<OrganizationId>();
  readonly deferred = null;
  readonly versions: KeyVersions = {
    of: organizationId => this.#versions(organizationId),
    rotate: organizationId => this.#done(`keys/${nameOf(organizationId)}/rotate`),
    retire: (organizationId, before) => this.#retire(organizationId, before),
    label: labelOf,
    organizations: () => this.#organizations(),
  };

  constructor(config: VaultConfig) {
    this.#config = config;
  }

  async wrap(context: KeyContext, key: Buffer): Promise<Buffer> {
    const { organizationId } = context;
    const name = nameOf(organizationId);
    // Where it is there already, this changes nothing.
    if (!this.#made.has(organizationId)) await this.#done(`keys/${name}`, { type: KEY_TYPE, derived: true });
    this.#made.add(organizationId);
    const asked = { plaintext: key.toString('base64'), context: encoded(context) };
    const { data } = await this.#ask(`encrypt/${name}`, answers.encrypted, asked);
    return Buffer.concat([MARK, Buffer.from(data.ciphertext)]);
  }

  async unwrap(context: KeyContext, wrapped: Buffer): Promise<Buffer | null> {
    const asked = { ciphertext: ciphertextOf(wrapped), context: encoded(context) };
    const path = `decrypt/${nameOf(context.organizationId)}`;
    const { data } = await this.#ask(path, answers.decrypted, asked);
    return Buffer.from(data.plaintext, 'base64');
  }

  async destroy(organizationId: OrganizationId) {
    const name = nameOf(organizationId);
    this.#made.delete(organizationId);
    if ((await this.#versions(organizationId)) !== null) {
      await this.#done(`keys/${name}/config`, { deletion_allowed: true });
      await this.#answered('DELETE', `keys/${name}`);
      if ((await this.#versions(organizationId)) !== null)
        throw new KeysUnavailable(`Vault at ${this.#config.address} still has the key ${name}.`);
    }
    return { keyId: `${this.#config.mount}/${name}`, outcome: 'destroyed' } as const;
  }

  rewraps(wrapped: Buffer): boolean {
    return wrapped[0] === providerMarks.vault;
  }

  async rewrap(context: KeyContext, wrapped: Buffer): Promise<Buffer> {
    const asked = { ciphertext: ciphertextOf(wrapped), context: encoded(context) };
    const { data } = await this.#ask(`rewrap/${nameOf(context.organizationId)}`, answers.encrypted, asked);
    return Buffer.concat([MARK, Buffer.from(data.ciphertext)]);
  }

  async current(organizationId: OrganizationId): Promise<string> {
    return labelOf((await this.#versions(organizationId))?.current ?? 1);
  }

  /** Where we may not ask, nobody rotates for us. */
  async isOutdated(organizationId: OrganizationId, wrapped: Buffer): Promise<boolean> {
    try {
      return (await this.current(organizationId)) !== this.lockedBy(wrapped);
    } catch (error) {
      if (error instanceof VaultForbids) return false;
      throw error;
    }
  }

  lockedBy(wrapped: Buffer): string {
    return labelOf(/^vault:v(\d+):/.exec(ciphertextOf(wrapped))?.[1] ?? 0);
  }

  async #versions(organizationId: OrganizationId): Promise<VersionState | null> {
    try {
      const { data } = await this.#ask(`keys/${nameOf(organizationId)}`, answers.key);
      const { latest_version: current, keys } = data;
      const versions = Object.keys(keys).map(Number);
      const sinceSeconds = keys[String(current)] ?? 0;
      return {
        ...{ current, since: new Date(sinceSeconds * 1000) },
        older: versions.filter(version => version < current).sort((a, b) => a - b),
      };
    } catch (error) {
      if (error instanceof VaultHasNone) return null;
      throw error;
    }
  }

  /** First nothing older opens any more; then it is deleted, which only a policy that says so lets us do. */
  async #retire(organizationId: OrganizationId, before: number): Promise<void> {
    const name = nameOf(organizationId);
    await this.#done(`keys/${name}/config`, {
      min_decryption_version: before,
      min_encryption_version: before,
    });
    try {
      await this.#done(`keys/${name}/trim`, { min_available_version: before });
    } catch (error) {
      if (!(error instanceof VaultForbids)) throw error;
    }
  }

  async #organizations(): Promise<OrganizationId[]> {
    try {
      const { data } = await this.#ask('keys', answers.listed, undefined, 'LIST');
      return data.keys.flatMap(
        name => organizationIdSchema.safeParse(name.replace(NAME_BEGINS, '')).data ?? [],
      );
    } catch (error) {
      if (error instanceof VaultHasNone) return [];
      throw error;
    }
  }

  async #done(path: string, body: object = {}): Promise<void> {
    await this.#answered('POST', path, body);
  }

  async #ask<S extends z.ZodType>(
    path: string,
    shape: S,
    body?: object,
    method: Method = body === undefined ? 'GET' : 'POST',
  ): Promise<z.output<S>> {
    return this.#parsed(shape, await this.#answered(method, path, body));
  }

  #answered(method: Method, path: string, body?: object): Promise<string> {
    return retry(() => this.#answer(method, path, body), {
      attempts: ATTEMPTS,
      baseMs: FIRST_WAIT_MS,
      retryable: error => error instanceof VaultBusy,
    });
  }

  async #answer(method: Method, path: string, body?: object): Promise<string> {
    const answer = await this.#send(method, path, body).catch((error: unknown) => ({
      ...{ status: 0, text: '', error },
    }));
    const { status, text } = answer;
    if (status >= 200 && status < 300) return text;
    throw new (refusalOf(status, method))(
      this.#reasonOf(answer),
      'error' in answer ? answer.error : undefined,
    );
  }

  async #send(method: Method, path: string, body?: object): Promise<{ status: number; text: string }> {
    const { address, mount, namespace, timeoutMs = TIMEOUT_MS } = this.#config;
    const response = await fetch(`${address.replace(/\/$/, '')}/v1/${mount}/${path}`, {
      method,
      headers: {
        'content-type': 'application/json',
        'x-vault-request': 'true',
        'x-vault-token': await this.#token(),
        ...(namespace !== undefined && { 'x-vault-namespace': namespace }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    });
    return { status: response.status, text: await response.text() };
  }

  async #token(): Promise<string> {
    const { token } = this.#config;
    return 'value' in token ? token.value : (await readFile(token.file, 'utf8')).trim();
  }

  #parsed<S extends z.ZodType>(shape: S, text: string): z.output<S> {
    const result = shape.safeParse(jsonOf(text));
    if (result.success) return result.data;
    throw new KeysUnavailable(
      `What listens at ${this.#config.address} does not answer as Vault's transit engine does. Check VAULT_ADDR and VAULT_TRANSIT_MOUNT.`,
    );
  }

  #reasonOf({ status, text }: { status: number; text: string }): string {
    const vault = `Vault at ${this.#config.address}`;
    const refused = answers.refused.safeParse(jsonOf(text));
    const said = refused.success ? refused.data.errors.join(' ') : '';
    if (status === 0) return `${vault} does not answer. Check VAULT_ADDR, and that it is up.`;
    if (status === 403)
      return `${vault} does not let us use its keys. Check VAULT_TOKEN, and its policy for ${this.#config.mount}/.`;
    if (status === 404)
      return `${vault} has no transit engine at ${this.#config.mount}/. Check VAULT_TRANSIT_MOUNT.`;
    if (status === 429)
      return `${vault} refuses more requests for the moment. Wait, or have its limit raised.`;
    if (status === 503) return `${vault} is sealed or starting. Unseal it.`;
    if (/key not found/.test(said))
      return `${vault} has no key for this organization. If it was not destroyed on purpose, restore Vault from its backup.`;
    if (status === 400)
      return 'A session key does not open in Vault: it belongs to another organization or session, or is damaged.';
    return `${vault} failed (${status}). Look at its log.`;
  }
}

const NAME_BEGINS = /^cratersync-/;
const nameOf = (organizationId: OrganizationId) => `cratersync-${organizationId}`;
const labelOf = (version: number | string) => `vault, version ${version}`;
const ciphertextOf = (wrapped: Buffer) => wrapped.subarray(MARK.length).toString();
const encoded = (context: KeyContext) => Buffer.from(sessionContext(context)).toString('base64');

function refusalOf(status: number, method: Method): typeof KeysUnavailable {
  if (status === 0 || status === 429 || status >= 500) return VaultBusy;
  if (status === 403) return VaultForbids;
  return status === 404 && method !== 'POST' ? VaultHasNone : KeysUnavailable;
}

function jsonOf(text: string): unknown {
  try {
    return text === '' ? null : JSON.parse(text);
  } catch {
    return null;
  }
}
