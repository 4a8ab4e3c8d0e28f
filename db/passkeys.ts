import type { AccountId } from '@cratersync/signaling/protocol';
import { type Account, accountColumns } from './accounts.ts';
import type { Tx } from './database.ts';
import type { Scope } from './scope.ts';

export interface Passkey {
  /** The authenticator's own name for it, base64url. */
  credentialId: string;
  publicKey: Buffer;
  counter: number;
  transports: string[];
  label: string;
  createdAt: Date;
  lastUsedAt: Date | null;
}

const columns = `p.credential_id AS "credentialId", p.public_key AS "publicKey", p.counter, p.transports, p.label,
  p.created_at AS "createdAt", p.last_used_at AS "lastUsedAt"`;

export async function insert(
  tx: Tx<Scope>,
  passkey: Pick<Passkey, 'credentialId' | 'publicKey' | 'counter' | 'transports' | 'label'> & {
    accountId: AccountId;
  },
): Promise<void> {
  const { credentialId, accountId, publicKey, counter, transports, label } = passkey;
  await tx.change(
    `INSERT INTO app.passkeys (credential_id, account_id, public_key, counter, transports, label)
     VALUES ($1, $2, $3, $4, $5, $6)`,
    [credentialId, accountId, publicKey, counter, transports, label],
  );
}

/** The oldest first. */
export const ofAccount = (tx: Tx<Scope>, accountId: AccountId): Promise<Passkey[]> =>
  tx.query(`SELECT ${columns} FROM app.passkeys p WHERE p.account_id = $1 ORDER BY p.created_at`, [
    accountId,
  ]);

/** A passkey and whose it is. @returns null when nobody has it (any more) */
export const byId = (tx: Tx<Scope>, credentialId: string): Promise<(Passkey & Account) | null> =>
  tx.first(
    `SELECT ${columns}, ${accountColumns}
     FROM app.passkeys p JOIN app.accounts a USING (account_id) WHERE p.credential_id = $1`,
    [credentialId],
  );

/**
 * Writes down that it has signed.
 * @param before the counter that was checked against
 * @returns false when somebody else used it meanwhile
 */
export async function used(
  tx: Tx<Scope>,
  of: { credentialId: string; before: number; counter: number },
): Promise<boolean> {
  const written = await tx.change(
    'UPDATE app.passkeys SET counter = $3, last_used_at = now() WHERE credential_id = $1 AND counter = $2',
    [of.credentialId, of.before, of.counter],
  );
  return written === 1;
}

/** @returns false when that account has no such passkey */
export async function remove(
  tx: Tx<Scope>,
  of: { accountId: AccountId; credentialId: string },
): Promise<boolean> {
  const removed = await tx.change('DELETE FROM app.passkeys WHERE account_id = $1 AND credential_id = $2', [
    of.accountId,
    of.credentialId,
  ]);
  return removed === 1;
}

export interface Challenge {
  challenge: string;
  browserHash: Buffer;
  /** Who adds a key; null: somebody signs in. */
  accountId: AccountId | null;
}

/** Keeps a challenge for its answer, and clears out what has expired. */
export async function keepChallenge(tx: Tx<Scope>, of: Challenge & { lifetimeMs: number }): Promise<void> {
  await tx.change('DELETE FROM app.passkey_challenges WHERE expires_at < now()');
  await tx.change(
    `INSERT INTO app.passkey_challenges (challenge, browser_hash, account_id, expires_at)
     VALUES ($1, $2, $3, now() + $4 * interval '1 millisecond')`,
    [of.challenge, of.browserHash, of.accountId, of.lifetimeMs],
  );
}

/** @returns whether it was asked for by that browser, for that purpose, and not answered before */
export async function takeChallenge(tx: Tx<Scope>, of: Challenge): Promise<boolean> {
  const taken = await tx.change(
    `DELETE FROM app.passkey_challenges WHERE challenge = $1 AND browser_hash = $2
       AND account_id IS NOT DISTINCT FROM $3 AND expires_at > now()`,
    [of.challenge, of.browserHash, of.accountId],
  );
  return taken === 1;
}
