import { CustomerKeyRefused, KeysUnavailable } from './keys.ts';
import type { KeyProvider, ProviderName } from './provider.ts';

export interface KeyCall {
  provider: ProviderName;
  operation: 'wrap' | 'unwrap' | 'rewrap' | 'destroy';
  /** `refused`: an organization's own key, by that organization. */
  outcome: 'ok' | 'refused' | 'unavailable' | 'error';
  ms: number;
}

/** The provider, telling how each call went. */
export function observed(
  provider: ProviderName,
  keys: KeyProvider,
  onCall: (call: KeyCall) => void,
): KeyProvider {
  const timed = async <T>(operation: KeyCall['operation'], work: Promise<T>): Promise<T> => {
    const startMs = performance.now();
    const tell = (outcome: KeyCall['outcome']) =>
      onCall({ provider, operation, outcome, ms: performance.now() - startMs });
    try {
      const result = await work;
      tell('ok');
      return result;
    } catch (error) {
      if (error instanceof CustomerKeyRefused) tell('refused');
      else tell(error instanceof KeysUnavailable ? 'unavailable' : 'error');
      throw error;
    }
  };
  return {
    wrap: (context, key) => timed('wrap', keys.wrap(context, key)),
    unwrap: (context, wrapped) => timed('unwrap', keys.unwrap(context, wrapped)),
    rewrap: (context, wrapped) => timed('rewrap', keys.rewrap(context, wrapped)),
    destroy: organizationId => timed('destroy', keys.destroy(organizationId)),
    rewraps: wrapped => keys.rewraps(wrapped),
    isOutdated: (organizationId, wrapped) => keys.isOutdated(organizationId, wrapped),
    current: organizationId => keys.current(organizationId),
    lockedBy: wrapped => keys.lockedBy(wrapped),
    versions: keys.versions,
    deferred: keys.deferred,
  };
}
