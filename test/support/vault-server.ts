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
}

/**
 * Speaks the transit engine of Vault as its public API documentation has it: derived keys, encrypt, decrypt, and the
 * answers when it refuses.
 */
export class VaultServer extends KeyServer {
  token = 'hvs.a-token-for-tests';
  sealed = false;
  readonly keys = new Map<string, Buffer>();

  static async start(): Promise<VaultServer> {
    return new VaultServer().listen();
  }

  protected answer({ url = '', headers }: IncomingMessage, body: Body): KeyAnswer {
    const say = (data: unknown) => ({ status: 200, body: { data } });
    const fail = (status: number, ...errors: string[]) => ({ status, body: { errors } });
    if (this.sealed) return fail(503, 'Vault is sealed');
    if (headers['x-vault-token'] !== this.token) return fail(403, 'permission denied', 'invalid token');
    if (this.takeThrottle()) return fail(429, 'request path "transit": rate limit quota exceeded');
    const [, action, name = ''] = /^\/v1\/transit\/(keys|encrypt|decrypt)\/([\w-]+)$/.exec(url) ?? [];
    if (action === undefined) return fail(404, `no handler for route "${url}". route entry not found.`);
    if (action === 'keys') {
      if (body.type !== 'aes256-gcm96' || body.derived !== true) return fail(400, 'only derived keys here');
      if (!this.keys.has(name)) this.keys.set(name, randomBytes(32));
      return { status: 204 };
    }
    const key = this.keys.get(name);
    if (key === undefined) return fail(400, 'encryption key not found');
    if (body.context === undefined) return fail(400, "missing 'context' for key derivation");
    const context = Buffer.from(body.context, 'base64');
    const derived = Buffer.from(hkdfSync('sha256', key, '', context, 32));
    if (action === 'encrypt') return say({ ciphertext: locked(derived, body), key_version: 1 });
    const blob = Buffer.from((body.ciphertext ?? '').replace(/^vault:v1:/, ''), 'base64');
    const opened = openGcm(derived, blob, Buffer.alloc(0));
    if (opened === null) return fail(400, 'cipher: message authentication failed');
    return say({ plaintext: opened.toString('base64') });
  }
}

function locked(key: Buffer, { plaintext = '' }: Body): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  const text = Buffer.concat([cipher.update(Buffer.from(plaintext, 'base64')), cipher.final()]);
  return `vault:v1:${Buffer.concat([nonce, text, cipher.getAuthTag()]).toString('base64')}`;
}
