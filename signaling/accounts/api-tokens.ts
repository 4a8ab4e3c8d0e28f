import { randomBytes } from 'node:crypto';
import {
  apiTokens,
  audit,
  type Database,
  inOrganization,
  type OrganizationTx,
  withCapability,
} from '@cratersync/db';
import type { Request } from 'express';
import { type Asked, entry } from '../audit/asked.ts';
import {
  type AccountId,
  errors,
  type rest,
  TOKEN_PREFIX,
  type TokenId,
  type TokenScope,
} from '../protocol/index.ts';
import type { Acting } from './members.ts';
import { hashOf } from './secrets.ts';

const DAY_MS = 24 * 3_600_000;
const MAX_TOKENS = 50;
const pattern = new RegExp(`^${TOKEN_PREFIX}[A-Za-z0-9_-]{43}$`);

/** @returns the token, and its secret of 256 bits, which is kept by whoever asked alone */
export async function makeApiToken(
  db: Database,
  { organizationId, accountId, asked }: Acting,
  wanted: { name: string; scopes: TokenScope[]; expiresInDays: number },
): Promise<{ token: apiTokens.ApiToken; secret: string }> {
  const { name, scopes, expiresInDays } = wanted;
  const secret = TOKEN_PREFIX + randomBytes(32).toString('base64url');
  const token = await inOrganization(db, organizationId, async tx => {
    if ((await apiTokens.list(tx)).length >= MAX_TOKENS)
      throw errors.conflict(`There are ${MAX_TOKENS} tokens already. Revoke one that is not used.`);
    const made = await apiTokens.create(tx, {
      ...{ name, scopes, hint: secret.slice(-4), tokenHash: hashOf(secret) },
      ...{ createdBy: accountId, lifetimeMs: expiresInDays * DAY_MS },
    });
    const details = { scopes: scopes.join(' '), days: expiresInDays };
    await audit.append(tx, entry(asked, 'token.created', { kind: 'token', id: made.tokenId }, details));
    return made;
  });
  return { token, secret };
}

export async function revokeApiToken(
  db: Database,
  { organizationId, asked }: Acting,
  tokenId: TokenId,
): Promise<void> {
  await inOrganization(db, organizationId, async tx => {
    if (!(await apiTokens.revoke(tx, tokenId))) throw errors.notFound('token');
    await audit.append(tx, entry(asked, 'token.revoked', { kind: 'token', id: tokenId }));
  });
}

/** Whoever made a token knows it: with their leaving, or losing the right to make any, it ends. */
export async function revokeTokensOf(tx: OrganizationTx, maker: AccountId, asked: Asked): Promise<void> {
  for (const id of await apiTokens.revokeOf(tx, maker))
    await audit.append(tx, entry(asked, 'token.revoked', { kind: 'token', id }, { because: 'maker' }));
}

/** The token that a request shows. @returns null without one @throws `token_invalid` */
export async function openApiToken(db: Database, request: Request): Promise<apiTokens.OpenedToken | null> {
  const { authorization } = request.headers;
  if (authorization === undefined) return null;
  const [, secret = ''] = /^Bearer +(\S+)$/i.exec(authorization) ?? [];
  if (!pattern.test(secret)) throw errors.tokenInvalid();
  const capability = { kind: 'api-token', hash: hashOf(secret) } as const;
  const token = await withCapability(db, capability, tx => apiTokens.opened(tx));
  if (token === null) throw errors.tokenInvalid();
  if (token.stale)
    await inOrganization(db, token.organization.organizationId, tx => apiTokens.used(tx, token.tokenId));
  return token;
}

const shown = new WeakMap<Request, apiTokens.OpenedToken>();
/** From here on the request is the token's. */
export const actByToken = (request: Request, token: apiTokens.OpenedToken): void =>
  void shown.set(request, token);
/** The token that a request acts by; undefined for a person's. */
export const tokenOf = (request: Request): apiTokens.OpenedToken | undefined => shown.get(request);

export const apiTokenShape = (row: apiTokens.ApiToken): rest.ApiToken => ({
  tokenId: row.tokenId,
  name: row.name,
  hint: row.hint,
  scopes: row.scopes,
  createdBy: row.createdByName,
  createdAt: row.createdAt.toISOString(),
  expiresAt: row.expiresAt.toISOString(),
  lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
});
