import { createPrivateKey, createPublicKey, hkdfSync, type KeyObject, sign, verify } from 'node:crypto';

/** What stands before a seed in PKCS #8, and before a public key in SPKI (RFC 8410). */
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI_HEAD = Buffer.from('302a300506032b6570032100', 'hex');

/**
 * Signs in the name of this installation what people keep and show elsewhere: Ed25519 (RFC 8032), its seed HKDF-SHA-256 of
 * SEALING_KEY.
 */
export class Signer {
  readonly #key: KeyObject;
  /** base64url, 32 bytes */
  readonly publicKey: string;

  constructor(sealingKey: string) {
    const seed = Buffer.from(hkdfSync('sha256', sealingKey, '', 'cratersync/receipts/v1', 32));
    this.#key = createPrivateKey({ key: Buffer.concat([PKCS8_HEAD, seed]), format: 'der', type: 'pkcs8' });
    const spki = createPublicKey(this.#key).export({ format: 'der', type: 'spki' });
    this.publicKey = spki.subarray(SPKI_HEAD.length).toString('base64url');
  }

  /** @returns base64url */
  sign(text: string): string {
    return sign(null, Buffer.from(text), this.#key).toString('base64url');
  }
}

/** @param publicKey a Signer's @param signature of `text`; both base64url. What is no key or signature signs nothing. */
export function isSignedBy(publicKey: string, text: string, signature: string): boolean {
  const key = Buffer.from(publicKey, 'base64url');
  if (key.length !== 32) return false;
  const spki = createPublicKey({ key: Buffer.concat([SPKI_HEAD, key]), format: 'der', type: 'spki' });
  return verify(null, Buffer.from(text), spki, Buffer.from(signature, 'base64url'));
}
