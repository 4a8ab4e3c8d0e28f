import type { AccountId, OrganizationId } from '@cratersync/signaling/protocol';
import pg from 'pg';

/** A secret that opens one thing by itself: an invitation of a guest or a member, the credential of a seat, an API token, a shared recording's link. */
export interface Capability {
  kind: 'invitation' | 'member-invitation' | 'credential' | 'api-token' | 'share';
  /** SHA-256 of the secret. */
  hash: Buffer;
}

export interface OrganizationScope {
  organizationId: OrganizationId;
}
export interface AccountScope {
  accountId: AccountId;
}
export interface CapabilityScope {
  capability: Capability;
}
/** Whose rows a transaction sees. Without any of them: no tenant's row at all. */
export type Scope = OrganizationScope | AccountScope | CapabilityScope | Record<never, never>;

/**
 * The one statement that sets a scope. It states every setting that the policies read, so that nothing of an earlier
 * scope remains, and all of them are local to the transaction, so that nothing remains after it: also on a
 * connection that PgBouncer shares out by the transaction. Its values are in its text, so that it travels together with
 * the BEGIN before it: a round trip less for every transaction.
 */
export function scopeStatement(scope: Scope): string {
  const capability = 'capability' in scope ? scope.capability : undefined;
  const hashOf = (kind: Capability['kind']) =>
    capability?.kind === kind ? capability.hash.toString('hex') : '';
  const settings = {
    'app.organization_id': 'organizationId' in scope ? scope.organizationId : '',
    'app.account_id': 'accountId' in scope ? scope.accountId : '',
    'app.invitation_hash': hashOf('invitation'),
    'app.member_invitation_hash': hashOf('member-invitation'),
    'app.credential_hash': hashOf('credential'),
    'app.api_token_hash': hashOf('api-token'),
    'app.share_hash': hashOf('share'),
  };
  const calls = Object.entries(settings).map(
    ([name, value]) => `set_config('${name}', ${pg.escapeLiteral(value)}, true)`,
  );
  return `SELECT ${calls.join(', ')}`;
}
