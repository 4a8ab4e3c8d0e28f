import { readFile } from 'node:fs/promises';
import { retry } from '@cratersync/infra/runtime';
import type { OrganizationId } from '@cratersync/signaling/protocol';
import { z } from 'zod';
import { type KeyContext, KeysUnavailable } from './keys.ts';
import { type KeyProvider, providerMarks, sessionContext } from './provider.ts';

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

const answers = {
  encrypted: z.object({ data: z.object({ ciphertext: z.string() }) }),
  decrypted: z.object({ data: z.object({ plaintext: z.base64() }) }),
  refused: z.object({ errors: z.array(z.string()) }),
};

/** It may be otherwise in a moment. */
class VaultBusy extends KeysUnavailable {}

/**
 * Organizations' keys in the transit engine of HashiCorp Vault or OpenBao, one each, `derived`: each session is locked
 * with a key of its own that the engine derives from its context (Vault API, "Transit secrets engine").
 */
export class VaultProvider implements KeyProvider {
  readonly #config: VaultConfig;
  /** Organizations whose key is known to be there. */
  readonly #made = new Set<OrganizationId>();

  constructor(config: VaultConfig) {
    this.#config = config;
  }

  async wrap(context: KeyContext, key: Buffer): Promise<Buffer> {
    const { organizationId } = context;
    const name = nameOf(organizationId);
    // Where it is there already, this changes nothing.
    if (!this.#made.has(organizationId))
      await this.#ask(`keys/${name}`, { type: 'aes256-gcm96', derived: true }, z.unknown());
    this.#made.add(organizationId);
    const asked = { plaintext: key.toString('base64'), context: encoded(context) };
    const { data } = await this.#ask(`encrypt/${name}`, asked, answers.encrypted);
    return Buffer.concat([MARK, Buffer.from(data.ciphertext)]);
  }

  async unwrap(context: KeyContext, wrapped: Buffer): Promise<Buffer | null> {
    const asked = { ciphertext: wrapped.subarray(MARK.length).toString(), context: encoded(context) };
    const path = `decrypt/${nameOf(context.organizationId)}`;
    const { data } = await this.#ask(path, asked, answers.decrypted);
    return Buffer.from(data.plaintext, 'base64');
  }

  async #ask<S extends z.ZodType>(path: string, body: unknown, shape: S): Promise<z.output<S>> {
    const text = await retry(() => this.#answer(path, body), {
      attempts: ATTEMPTS,
      baseMs: FIRST_WAIT_MS,
      retryable: error => error instanceof VaultBusy,
    });
    return this.#parsed(shape, text);
  }

  async #answer(path: string, body: unknown): Promise<string> {
    const answer = await this.#send(path, body).catch((error: unknown) => ({ status: 0, text: '', error }));
    const { status, text } = answer;
    if (status >= 200 && status < 300) return text;
    const Refusal = status === 0 || status === 429 || status >= 500 ? VaultBusy : KeysUnavailable;
    throw new Refusal(this.#reasonOf(answer), 'error' in answer ? answer.error : undefined);
  }

  async #send(path: string, body: unknown): Promise<{ status: number; text: string }> {
    const { address, mount, namespace, timeoutMs = TIMEOUT_MS } = this.#config;
    const response = await fetch(`${address.replace(/\/$/, '')}/v1/${mount}/${path}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-vault-request': 'true',
        'x-vault-token': await this.#token(),
        ...(namespace !== undefined && { 'x-vault-namespace': namespace }),
      },
      body: JSON.stringify(body),
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

const nameOf = (organizationId: OrganizationId) => `cratersync-${organizationId}`;
const encoded = (context: KeyContext) => Buffer.from(sessionContext(context)).toString('base64');

function jsonOf(text: string): unknown {
  try {
    return text === '' ? null : JSON.parse(text);
  } catch {
    return null;
  }
}
