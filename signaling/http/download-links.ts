import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { errors, rest } from '../protocol/index.ts';

const STEP_MS = 12 * 3_600_000;

/**
 * Links to files, that end. A browser sends its cookie with whatever link is followed in it, also with one that was handed on
 * or lies in a history; so the link itself says until when it may be followed, and is signed. It opens nothing by itself:
 * whoever follows it must be a member, too, or were sent a link to the recording that has not ended.
 */
export class DownloadLinks {
  readonly #key: Buffer;
  readonly #keys: Buffer[];
  readonly #nowMs: () => number;

  /** @param previous what SEALING_KEY was before: links from then work until their end */
  constructor(sealingKey: string, previous?: string, nowMs = Date.now) {
    this.#key = keyOf(sealingKey);
    this.#keys = [this.#key, ...(previous === undefined ? [] : [keyOf(previous)])];
    this.#nowMs = nowMs;
  }

  /**
   * Good for 12 to 24 hours. The ends lie on a grid, so that a page that is loaded anew keeps its links, and plays on.
   * @param ownerId of the organization, or the account, whose file it is
   */
  link(ownerId: string, path: string): string {
    const until = ((Math.floor(this.#nowMs() / STEP_MS) + 2) * STEP_MS) / 1000;
    return `${path}?until=${until}&signature=${signed(this.#key, ownerId, path, until)}`;
  }

  /** Links to what lies below an address. */
  below(ownerId: string, address: string): (tail: string) => string {
    return tail => this.link(ownerId, `${address}/${tail}`);
  }

  /** @throws `download_link_ended`; also where there is no signature, or it is of another path, organization or person */
  check(ownerId: string, path: string, query: unknown): void {
    const told = rest.downloadQuery.safeParse(query);
    const { until, signature } = told.data ?? {};
    if (until === undefined || signature === undefined || until * 1000 <= this.#nowMs())
      throw errors.downloadLinkEnded();
    const given = Buffer.from(signature);
    const isOurs = this.#keys
      .map(key => Buffer.from(signed(key, ownerId, path, until)))
      .map(expected => given.length === expected.length && timingSafeEqual(given, expected));
    if (!isOurs.includes(true)) throw errors.downloadLinkEnded();
  }
}

const keyOf = (sealingKey: string) =>
  Buffer.from(hkdfSync('sha256', sealingKey, '', 'cratersync/downloads/v1', 32));

function signed(key: Buffer, ownerId: string, path: string, until: number): string {
  return createHmac('sha256', key).update(`${ownerId} ${path} ${until}`).digest('base64url');
}
