import type { AccountId, DeviceId } from '@cratersync/signaling/protocol';
import { type Account, accountColumns } from './accounts.ts';
import type { Tx } from './database.ts';
import type { Scope } from './scope.ts';

/** Makes a signed-in browser of `accountId`, and clears out what has expired. */
export async function insert(
  tx: Tx<Scope>,
  webSession: { tokenHash: Buffer; accountId: AccountId; deviceId: DeviceId; lifetimeMs: number },
): Promise<void> {
  await tx.change('DELETE FROM app.web_sessions WHERE expires_at < now()');
  await tx.change(
    `INSERT INTO app.web_sessions (token_hash, account_id, device_id, expires_at)
     VALUES ($1, $2, $3, now() + $4 * interval '1 millisecond')`,
    [webSession.tokenHash, webSession.accountId, webSession.deviceId, webSession.lifetimeMs],
  );
}

/**
 * Whose browser this is, while it lasts. Being seen is written down at most once an hour.
 * @returns null when the token is unknown, or past its idle or absolute limit
 */
export async function touch(
  tx: Tx<Scope>,
  tokenHash: Buffer,
  idleMs: number,
): Promise<(Account & { deviceId: DeviceId; signedInAt: Date }) | null> {
  const row = await tx.first<Account & { deviceId: DeviceId; signedInAt: Date; stale: boolean }>(
    `SELECT ${accountColumns}, w.device_id AS "deviceId", w.created_at AS "signedInAt",
       w.last_seen_at < now() - interval '1 hour' AS stale
     FROM app.web_sessions w JOIN app.accounts a USING (account_id)
     WHERE w.token_hash = $1 AND w.expires_at > now()
       AND w.last_seen_at > now() - $2 * interval '1 millisecond'`,
    [tokenHash, idleMs],
  );
  if (row === null) return null;
  const { stale, ...account } = row;
  if (stale)
    await tx.change('UPDATE app.web_sessions SET last_seen_at = now() WHERE token_hash = $1', [tokenHash]);
  return account;
}

export async function remove(tx: Tx<Scope>, tokenHash: Buffer): Promise<void> {
  await tx.change('DELETE FROM app.web_sessions WHERE token_hash = $1', [tokenHash]);
}

/** Signs a person's device out. @returns false when nobody of that account is signed in there */
export async function removeOfDevice(
  tx: Tx<Scope>,
  of: { accountId: AccountId; deviceId: DeviceId },
): Promise<boolean> {
  const removed = await tx.change('DELETE FROM app.web_sessions WHERE account_id = $1 AND device_id = $2', [
    of.accountId,
    of.deviceId,
  ]);
  return removed > 0;
}

/** Signs a person out everywhere. */
export async function removeOfAccount(tx: Tx<Scope>, accountId: AccountId): Promise<void> {
  await tx.change('DELETE FROM app.web_sessions WHERE account_id = $1', [accountId]);
}

/** Signs a person out everywhere but on one device. */
export async function removeElsewhere(
  tx: Tx<Scope>,
  of: { accountId: AccountId; deviceId: DeviceId },
): Promise<void> {
  await tx.change('DELETE FROM app.web_sessions WHERE account_id = $1 AND device_id <> $2', [
    of.accountId,
    of.deviceId,
  ]);
}
