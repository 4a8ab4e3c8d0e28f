import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { type KeyAnswer, KeyServer } from './key-server.ts';

interface Request {
  KeyId?: string;
  Plaintext?: string;
  CiphertextBlob?: string;
  EncryptionContext?: Record<string, string>;
}

export const kmsCredentials = { accessKeyId: 'AKIATEST', secretAccessKey: 'a-secret-for-tests' };

/**
 * Speaks AWS KMS as its public API reference has it (JSON 1.1: Encrypt, Decrypt and their errors), with keys of its own.
 * Signatures are looked at for whose they are, not computed.
 */
export class KmsServer extends KeyServer {
  readonly keyId = 'arn:aws:kms:ca-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';
  state: 'Enabled' | 'Disabled' | 'PendingDeletion' = 'Enabled';
  readonly #key = randomBytes(32);

  static async start(): Promise<KmsServer> {
    return new KmsServer().listen();
  }

  protected answer({ headers }: IncomingMessage, body: Request): KeyAnswer {
    const scope = `Credential=${kmsCredentials.accessKeyId}/\\d{8}/ca-central-1/kms/aws4_request`;
    const fail = (type: string, message = '') => ({ status: 400, body: { __type: type, message } });
    if (!new RegExp(`^AWS4-HMAC-SHA256 ${scope}`).test(String(headers['authorization'])))
      return fail('UnrecognizedClientException', 'The security token included in the request is invalid.');
    if (this.takeThrottle()) return fail('ThrottlingException', 'Rate exceeded');
    if (body.KeyId !== this.keyId) return fail('NotFoundException', `Key '${body.KeyId}' does not exist`);
    if (this.state === 'Disabled') return fail('DisabledException', `${this.keyId} is disabled.`);
    if (this.state === 'PendingDeletion')
      return fail('KMSInvalidStateException', `${this.keyId} is pending deletion.`);
    const aad = Buffer.from(JSON.stringify(Object.entries(body.EncryptionContext ?? {}).toSorted()));
    const answer = this.#transform(String(headers['x-amz-target']), body, aad);
    if (answer === null) return fail('InvalidCiphertextException');
    return { status: 200, body: { KeyId: this.keyId, EncryptionAlgorithm: 'SYMMETRIC_DEFAULT', ...answer } };
  }

  #transform(target: string, body: Request, aad: Buffer): Record<string, string> | null {
    if (target === 'TrentService.Encrypt') {
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', this.#key, nonce).setAAD(aad);
      const locked = [cipher.update(Buffer.from(body.Plaintext ?? '', 'base64')), cipher.final()];
      const blob = Buffer.concat([nonce, ...locked, cipher.getAuthTag()]);
      return { CiphertextBlob: blob.toString('base64') };
    }
    if (target !== 'TrentService.Decrypt') throw new Error(`this test server has no ${target}`);
    const opened = openGcm(this.#key, Buffer.from(body.CiphertextBlob ?? '', 'base64'), aad);
    return opened === null ? null : { Plaintext: opened.toString('base64') };
  }
}

/** @returns null for what does not open */
export function openGcm(key: Buffer, blob: Buffer, aad: Buffer): Buffer | null {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, blob.subarray(0, 12), { authTagLength: 16 });
    decipher.setAAD(aad).setAuthTag(blob.subarray(-16));
    return Buffer.concat([decipher.update(blob.subarray(12, -16)), decipher.final()]);
  } catch {
    return null;
  }
}
