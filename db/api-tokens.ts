import type {
  AccountId,
  MemberRole,
  OrganizationId,
  TokenId,
  TokenScope,
} from '@cratersync/signaling/protocol';
import { type Account, accountColumns } from './accounts.ts';
import type { Tx } from './database.ts';
import type { Membership } from './organizations.ts';
import type { CapabilityScope } from './scope.ts';

export interface ApiToken {
  tokenId: TokenId;
  name: string;
  hint: string;
  scopes: TokenScope[];
  createdBy: AccountId;
  createdByName: string;
  createdAt: Date;
  expiresAt: Date;
  lastUsedAt: Date | null;
}

/** What somebody may do who shows a working token. */
export interface OpenedToken {
  tokenId: TokenId;
  scopes: TokenScope[];
  organization: Membership;
  /** Whoever made it. */
  account: Account;
  /** Its last use is not written down for this hour. */
  stale: boolean;
}

const select = `SELECT t.token_id AS "tokenId", t.name, t.hint, t.scopes, t.created_by AS "createdBy",
    coalesce(a.display_name, a.email) AS "createdByName", t.created_at AS "createdAt", t.expires_at AS "expiresAt",
    t.last_used_at AS "lastUsedAt"
  FROM app.api_tokens t JOIN app.accounts a ON a.account_id = t.created_by`;

export async function create(
  tx: Tx,
  token: {
    name: string;
    hint: string;
    tokenHash: Buffer;
    scopes: readonly TokenScope[];
    createdBy: AccountId;
    lifetimeMs: number;
  },
): Promise<ApiToken> {
  const { name, hint, tokenHash, scopes, createdBy, lifetimeMs } = token;
  const { tokenId } = await tx.one<{ tokenId: TokenId }>(
    `INSERT INTO app.api_tokens (name, hint, token_hash, scopes, created_by, expires_at)
     VALUES ($1, $2, $3, $4, $5, now() + $6 * interval '1 millisecond') RETURNING token_id AS "tokenId"`,
    [name, hint, tokenHash, scopes, createdBy, lifetimeMs],
  );
  return tx.one(`${select} WHERE t.token_id = $1`, [tokenId]);
}

/** Those that were not revoked, the newest first. */
export const list = (tx: Tx): Promise<ApiToken[]> =>
  tx.query(`${select} WHERE t.revoked_at IS NULL ORDER BY t.created_at DESC, t.token_id`);

/** @returns false when it was revoked before, or is none of this organization's */
export async function revoke(tx: Tx, tokenId: TokenId): Promise<boolean> {
  const revoked = await tx.change(
    'UPDATE app.api_tokens SET revoked_at = now() WHERE token_id = $1 AND revoked_at IS NULL',
    [tokenId],
  );
  return revoked === 1;
}

/** Those that somebody has made. @returns which were revoked by this */
export async function revokeOf(tx: Tx, createdBy: AccountId): Promise<TokenId[]> {
  const rows = await tx.query<{ tokenId: TokenId }>(
    `UPDATE app.api_tokens SET revoked_at = now() WHERE created_by = $1 AND revoked_at IS NULL
     RETURNING token_id AS "tokenId"`,
    [createdBy],
  );
  return rows.map(({ tokenId }) => tokenId);
}

interface OpenedRow extends Pick<OpenedToken, 'tokenId' | 'scopes' | 'stale'>, Account {
  organizationId: OrganizationId;
  name: string;
  region: Membership['region'];
  role: MemberRole;
}

/** @returns null when the token in scope is nobody's, has ended, or its maker is no owner or admin (any more) */
export async function opened(tx: Tx<CapabilityScope>): Promise<OpenedToken | null> {
  const row = await tx.first<OpenedRow>(
    `SELECT t.token_id AS "tokenId", t.scopes, o.organization_id AS "organizationId", o.name, o.region, m.role,
       ${accountColumns},
       coalesce(t.last_used_at < now() - interval '1 hour', true) AS stale
     FROM app.api_tokens t
     JOIN app.organizations o USING (organization_id)
     JOIN app.memberships m ON m.organization_id = t.organization_id AND m.account_id = t.created_by
     JOIN app.accounts a ON a.account_id = t.created_by
     WHERE t.token_hash = $1 AND t.revoked_at IS NULL AND t.expires_at > now() AND o.state = 'active'
       AND m.ended_at IS NULL AND m.role IN ('owner', 'admin') AND a.deletion_requested_at IS NULL`,
    [tx.scope.capability.hash],
  );
  if (row === null) return null;
  const { tokenId, scopes, stale, organizationId, name, region, role, ...account } = row;
  return {
    tokenId,
    scopes,
    stale,
    organization: { organizationId, name, region, role, eraseAfter: null, isLocked: false },
    account,
  };
}

export async function used(tx: Tx, tokenId: TokenId): Promise<void> {
  await tx.change(`UPDATE app.api_tokens SET last_used_at = date_trunc('hour', now()) WHERE token_id = $1`, [
    tokenId,
  ]);
}
