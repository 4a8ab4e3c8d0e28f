import { createCipheriv, hkdfSync, randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { type KeyAnswer, KeyServer } from './key-server.ts';
import { openGcm } from './kms-server.ts';

interface Body {
  type?: string;
  derived?: boolean;
  plaintext?: string;
  ciphertext?: string;
  context?: string;
  deletion_allowed?: boolean;
  min_decryption_version?: number;
  min_encryption_version?: number;
  min_available_version?: number;
}

interface Key {
  latest: number;
  minDecryption: number;
  minEncryption: number;
  isDeletable: boolean;
  versions: Map<number, { material: Buffer; madeSeconds: number }>;
}

const say = (data: unknown): KeyAnswer => ({ status: 200, body: { data } });
const fail = (status: number, ...errors: string[]): KeyAnswer => ({ status, body: { errors } });
const nowSeconds = () => Math.floor(Date.now() / 1000);

/**
 * Speaks the transit engine of Vault as its public API documentation has it: derived keys and their versions, encrypt,
 * decrypt, rewrap, trim, and the answers when it refuses.
 */
export class VaultServer extends KeyServer {
  token = 'hvs.a-token-for-tests';
  sealed = false;
  /** What the token's policy does not allow, such as `trim`. */
  readonly forbidden = new Set<string>();
  readonly keys = new Map<string, Key>();

  static async start(): Promise<VaultServer> {
    return new VaultServer().listen();
  }

  protected answer({ url = '', method, headers }: IncomingMessage, body: Body): KeyAnswer {
    if (this.sealed) return fail(503, 'Vault is sealed');
    if (headers['x-vault-token'] !== this.token) return fail(403, 'permission denied', 'invalid token');
    if (this.takeThrottle()) return fail(429, 'request path "transit": rate limit quota exceeded');
    const [, action = '', name = '', more] =
      /^\/v1\/transit\/(keys|encrypt|decrypt|rewrap)(?:\/([\w-]+)(?:\/(rotate|config|trim))?)?$/.exec(url) ??
      [];
    if (action === '') return fail(404, `no handler for route "${url}". route entry not found.`);
    if (this.forbidden.has(more ?? (method === 'GET' ? 'read' : action)))
      return fail(403, '1 error occurred:\n\t* permission denied\n\n');
    if (method === 'LIST') return this.keys.size === 0 ? fail(404) : say({ keys: [...this.keys.keys()] });
    const key = this.keys.get(name);
    if (method === 'GET') return key === undefined ? fail(404) : say(described(key));
    if (method === 'DELETE') return this.#delete(name, key);
    if (action === 'keys') return more === undefined ? this.#make(name, body) : changed(key, more, body);
    if (key === undefined) return fail(400, 'encryption key not found');
    return transformed(key, action, body);
  }

  #delete(name: string, key: Key | undefined): KeyAnswer {
    if (key === undefined) return fail(400, `error deleting policy ${name}: could not delete key; not found`);
    if (!key.isDeletable)
      return fail(400, `error deleting policy ${name}: deletion is not allowed for this key`);
    this.keys.delete(name);
    return { status: 204 };
  }

  #make(name: string, body: Body): KeyAnswer {
    if (body.type !== 'aes256-gcm96' || body.derived !== true) return fail(400, 'only derived keys here');
    const first = { material: randomBytes(32), madeSeconds: nowSeconds() };
    if (!this.keys.has(name))
      this.keys.set(name, {
        latest: 1,
        minDecryption: 1,
        minEncryption: 0,
        isDeletable: false,
        versions: new Map([[1, first]]),
      });
    return { status: 204 };
  }
}

const described = ({ latest, minDecryption, versions }: Key) => ({
  latest_version: latest,
  min_decryption_version: minDecryption,
  keys: Object.fromEntries(
    [...versions]
      .filter(([version]) => version >= minDecryption)
      .map(([version, { madeSeconds }]) => [version, madeSeconds]),
  ),
});

function changed(key: Key | undefined, how: string, body: Body): KeyAnswer {
  if (key === undefined) return fail(400, 'no existing key found');
  if (how === 'rotate') {
    key.latest += 1;
    key.versions.set(key.latest, { material: randomBytes(32), madeSeconds: nowSeconds() });
  } else if (how === 'config') {
    key.minDecryption = body.min_decryption_version ?? key.minDecryption;
    key.minEncryption = body.min_encryption_version ?? key.minEncryption;
    key.isDeletable = body.deletion_allowed ?? key.isDeletable;
  } else {
    const least = body.min_available_version ?? 0;
    if (key.minEncryption === 0 || least > Math.min(key.minDecryption, key.minEncryption))
      return fail(
        400,
        'minimum available version cannot be higher than minimum encryption and decryption version',
      );
    for (const version of key.versions.keys()) if (version < least) key.versions.delete(version);
  }
  return { status: 204 };
}

function transformed(key: Key, action: string, body: Body): KeyAnswer {
  if (body.context === undefined) return fail(400, "missing 'context' for key derivation");
  const context = Buffer.from(body.context, 'base64');
  const derived = (version: number) => {
    const material = key.versions.get(version)?.material ?? Buffer.alloc(32);
    return Buffer.from(hkdfSync('sha256', material, '', context, 32));
  };
  const encrypted = (plaintext: Buffer) =>
    say({
      ciphertext: `vault:v${key.latest}:${locked(derived(key.latest), plaintext)}`,
      key_version: key.latest,
    });
  if (action === 'encrypt') return encrypted(Buffer.from(body.plaintext ?? '', 'base64'));
  const [, version = 0, blob = ''] = /^vault:v(\d+):(.*)$/.exec(body.ciphertext ?? '') ?? [];
  if (Number(version) < key.minDecryption)
    return fail(400, 'ciphertext or signature version is disallowed by policy (too old)');
  const opened = openGcm(derived(Number(version)), Buffer.from(blob, 'base64'), Buffer.alloc(0));
  if (opened === null) return fail(400, 'cipher: message authentication failed');
  return action === 'rewrap' ? encrypted(opened) : say({ plaintext: opened.toString('base64') });
}

function locked(key: Buffer, plaintext: Buffer): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  return Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]).toString(
    'base64',
  );
}
