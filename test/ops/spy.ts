import { randomUUID } from 'node:crypto';

/**
 * What nobody may find in a log or a metric: words that could be a name, an address, a secret, and that are nowhere else.
 * All of them have `canary` in them.
 */
export class Canaries {
  readonly #mark = `canary${randomUUID().slice(0, 8)}`;

  /** A word for one place, such as `Canary1a2b3c4d-title`. */
  word(place: string): string {
    return `${this.#mark}-${place}`;
  }

  mail(place: string): string {
    return `${this.#mark}-${place}@example.org`;
  }

  /** A secret as long and as strange as ours are. */
  token(): string {
    return `cs_${this.#mark}${randomUUID().replaceAll('-', '')}`;
  }

  /** The lines in which one of them sings, in whatever case. */
  heardIn(lines: Iterable<string>): string[] {
    return [...lines].filter(line => line.toLowerCase().includes(this.#mark));
  }

  /** A body with one in every field that some route or command takes. */
  body(): Record<string, unknown> {
    const words = Object.fromEntries(fields.map(field => [field, this.word(field)]));
    return { ...words, email: this.mail('email'), token: this.token() };
  }
}

const fields = [
  ...['displayName', 'organizationName', 'name', 'title', 'text', 'code', 'oldCode', 'newCode', 'by'],
  ...['transportId', 'producerId', 'consumerId', 'participantId', 'markerId', 'accountId', 'role', 'url'],
  ...['as', 'direction', 'source', 'format', 'region', 'timeZone', 'language', 'cursor', 'unknown'],
];
