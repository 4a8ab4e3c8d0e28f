import { createPrivateKey, createPublicKey, hkdfSync, type KeyObject, sign, verify } from 'node:crypto';
import { organizationId, recordingId, rest, sessionId } from '@cratersync/signaling/protocol';
import { z } from 'zod';

/** What came before a seed in PKCS #8, and before a public key in SPKI (RFC 8410). */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI = Buffer.from('302a300506032b6570032100', 'hex');

const at = z.iso.datetime();
/** What was erased, when, and that nothing of it was found afterwards. */
export const erasure = z.strictObject({
  what: z.literal('recording'),
  organizationId,
  sessionId,
  recordingId,
  /** The key that every object of it was sealed with goes by the recording's id. */
  keyId: z.uuid(),
  requestedAt: at,
  keyDestroyedAt: at,
  finishedAt: at,
  objects: z.int().nonnegative(),
  /** Looked for after everything was deleted. */
  absent: z.strictObject({ key: z.literal(true), objects: z.literal(true) }),
});
export type Erasure = z.output<typeof erasure>;

/** Signs receipts with a key of this installation: Ed25519 (RFC 8032), its seed HKDF-SHA-256 of SEALING_KEY. */
export class ReceiptSigner {
  readonly #key: KeyObject;
  /** base64url */
  readonly publicKey: string;

  constructor(sealingKey: string) {
    const seed = Buffer.from(hkdfSync('sha256', sealingKey, '', 'cratersync/receipts/v1', 32));
    this.#key = createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' });
    const spki = createPublicKey(this.#key).export({ format: 'der', type: 'spki' });
    this.publicKey = spki.subarray(SPKI.length).toString('base64url');
  }

  /** @returns JSON */
  sign(done: Erasure): string {
    const text = JSON.stringify(done);
    const signature = sign(null, Buffer.from(text), this.#key).toString('base64url');
    return JSON.stringify({ version: 1, erasure: text, publicKey: this.publicKey, signature }, null, 2);
  }
}

/**
 * @param publicKey of the installation that should have signed it, base64url
 * @throws Error that says what does not hold
 */
export function openReceipt(text: string, publicKey: string): Erasure {
  const read = parsed(text);
  if (read.publicKey !== publicKey)
    throw new Error(`it was signed with another key than ${publicKey}: ${read.publicKey}`);
  const key = createPublicKey({
    key: Buffer.concat([SPKI, Buffer.from(publicKey, 'base64url')]),
    format: 'der',
    type: 'spki',
  });
  if (!verify(null, Buffer.from(read.erasure), key, Buffer.from(read.signature, 'base64url')))
    throw new Error('its signature does not fit: it was altered, or never signed with that key');
  return erasure.parse(JSON.parse(read.erasure));
}

function parsed(text: string): z.output<typeof rest.receipt> {
  try {
    return rest.receipt.parse(JSON.parse(text));
  } catch (error) {
    throw new Error('that is not a receipt of an erasure', { cause: error });
  }
}
