import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';

/** So long after it was sent, a message may come back. */
const LIFETIME_MS = 30 * 24 * 3_600_000;
const MAC_BYTES = 16;
const OURS = /<((?:letter|mail)-\w{1,40})\.([0-9a-z]{1,10})\.([\w-]{22})@/g;
/** More are none of ours: one letter goes to one address. */
const MAX_FOUND = 20;

/** A message that is sent; the same one sent twice has one Message-ID. */
export interface Sending {
  /** `letter-…` or `mail-…` */
  id: string;
  at: Date;
}

/**
 * Message-IDs that say whom a message went to, to those who have SEALING_KEY: what came back as not delivered is believed of
 * nobody else's address than of the one that it went to. HMAC-SHA-256, its key HKDF-SHA-256 of SEALING_KEY.
 */
export class MessageIds {
  readonly #keys: Buffer[];

  /** @param previous what SEALING_KEY was before: what was sent then may still come back */
  constructor(sealingKey: string, previous?: string) {
    this.#keys = [sealingKey, previous]
      .filter(key => key !== undefined)
      .map(key => Buffer.from(hkdfSync('sha256', key, '', 'cratersync/message-id/v1', 32)));
  }

  /** @returns what stands before its domain */
  make({ id, at }: Sending, email: string): string {
    const time = Math.floor(at.getTime() / 1000).toString(36);
    const [mac] = this.#macsOf(`${id}.${time}`, email);
    return `${id}.${time}.${mac?.toString('base64url')}`;
  }

  /** @returns those of the addresses that a message was sent to whose Message-ID stands in the text */
  sentTo(text: string, addresses: readonly string[], now: Date): string[] {
    const found = [...text.matchAll(OURS)].slice(0, MAX_FOUND).flatMap(([, id, time, mac]) => {
      const sentMs = Number.parseInt(time ?? '', 36) * 1000;
      const isFresh = Math.abs(now.getTime() - sentMs) < LIFETIME_MS;
      return isFresh ? [{ signed: `${id}.${time}`, mac: Buffer.from(mac ?? '', 'base64url') }] : [];
    });
    return addresses.filter(address =>
      found.some(({ signed, mac }) =>
        this.#macsOf(signed, address).some(own => own.length === mac.length && timingSafeEqual(own, mac)),
      ),
    );
  }

  #macsOf(signed: string, email: string): Buffer[] {
    return this.#keys.map(key =>
      createHmac('sha256', key).update(`${signed}.${email.toLowerCase()}`).digest().subarray(0, MAC_BYTES),
    );
  }
}
