import { createHmac, hkdfSync } from 'node:crypto';
import type { Sample } from './metrics.ts';

/** So many organizations have a series of their own. */
const TOP = 20;

/**
 * How organizations are called in metrics: by a keyed hash, so that who sees a dashboard does not learn who they are. The
 * key is HKDF-SHA-256 of SEALING_KEY, and nothing else is made with it.
 */
export class OrganizationLabels {
  readonly #key: Buffer;

  constructor(sealingKey: string) {
    this.#key = Buffer.from(hkdfSync('sha256', sealingKey, '', 'cratersync/metrics/v1', 32));
  }

  of(organizationId: string): string {
    return createHmac('sha256', this.#key).update(organizationId).digest('hex').slice(0, 12);
  }

  /** The largest have a series each, all others one: `other`. Only for what may fall again, as who is large changes. */
  samples(byOrganization: ReadonlyMap<string, number>, top = TOP): Sample[] {
    const sorted = [...byOrganization].toSorted(([, a], [, b]) => b - a);
    const rest = sorted.slice(top).reduce((sum, [, value]) => sum + value, 0);
    const named = sorted.slice(0, top).map(([id, value]): Sample => [{ organization: this.of(id) }, value]);
    return sorted.length > top ? [...named, [{ organization: 'other' }, rest]] : named;
  }
}
