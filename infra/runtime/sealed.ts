import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** A sealed value cannot be opened: the key is another one, or it was sealed for something else. */
export class UnsealError extends Error {
  constructor() {
    super('a sealed value does not open; is SEALING_KEY the one that it was sealed with?');
    this.name = 'UnsealError';
  }
}

/**
 * Seals small values that stand in the database and have to be read again: a copy of the database alone gives none of
 * them away. AES-256-GCM with a random nonce; the key is HKDF-SHA-256 of SEALING_KEY. Sealed: nonce ‖ tag ‖ ciphertext.
 */
export class Sealer {
  readonly #key: Buffer;
  readonly #previous: Buffer | null;

  /** @param previous what SEALING_KEY was before: it opens what it has sealed, and seals no more */
  constructor(sealingKey: string, previous?: string) {
    this.#key = keyOf(sealingKey);
    this.#previous = previous === undefined ? null : keyOf(previous);
  }

  /** @param purpose what it is and whose, such as `webhook-secret ORGANIZATION ID`: it opens for nothing else */
  seal(value: Buffer, purpose: string): Buffer {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce).setAAD(Buffer.from(purpose));
    const sealed = Buffer.concat([cipher.update(value), cipher.final()]);
    return Buffer.concat([nonce, cipher.getAuthTag(), sealed]);
  }

  /** @throws UnsealError */
  open(sealed: Buffer, purpose: string): Buffer {
    for (const key of [this.#key, this.#previous]) {
      const value = key === null ? null : opened(key, sealed, purpose);
      if (value !== null) return value;
    }
    throw new UnsealError();
  }

  /** Whether the key from before has sealed it. */
  isOutdated(sealed: Buffer, purpose: string): boolean {
    return this.#previous !== null && opened(this.#previous, sealed, purpose) !== null;
  }
}

const keyOf = (sealingKey: string) =>
  Buffer.from(hkdfSync('sha256', sealingKey, '', 'cratersync/sealed/v1', 32));

function opened(key: Buffer, sealed: Buffer, purpose: string): Buffer | null {
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(Buffer.from(purpose));
    decipher.setAuthTag(sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
    return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]);
  } catch {
    return null;
  }
}

/** What a webhook's secret is sealed for. */
export const webhookSecretOf = (organizationId: string, webhookId: string): string =>
  `webhook-secret ${organizationId} ${webhookId}`;
