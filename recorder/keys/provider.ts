import type { KeyContext } from './keys.ts';

/** What locks session keys: it holds the organizations' keys, which never leave it. */
export interface KeyProvider {
  /**
   * Locks a session key for one organization and session. An organization's key is made when it is the first time.
   * @throws KeysUnavailable
   */
  wrap(context: KeyContext, key: Buffer): Promise<Buffer>;
  /**
   * Opens what was locked for the same context.
   * @returns null when the organization's key was destroyed
   * @throws KeysUnavailable when it belongs to another context, is damaged, or the provider does not answer
   */
  unwrap(context: KeyContext, wrapped: Buffer): Promise<Buffer | null>;
}

/** By which provider a session key was locked: its first byte. Once given, a number stays. */
export const providerMarks = { local: 1, vault: 2, 'aws-kms': 3 } as const;
export type ProviderName = keyof typeof providerMarks;

/** What a wrapped key is bound to, in one spelling. */
export const sessionContext = ({ organizationId, sessionId }: KeyContext): string =>
  JSON.stringify({ purpose: 'cratersync/session-key/v1', organizationId, sessionId });
