import type { AccountId } from '@cratersync/signaling/protocol';
import type { Account } from './accounts.ts';
import type { Tx } from './scope.ts';

export async function insert(
  tx: Tx,
  session: { tokenHash: Buffer; accountId: AccountId; expiresAt: Date },
): Promise<void> {
  await tx.query('INSERT INTO web_sessions (token_hash, account_id, expires_at) VALUES ($1, $2, $3)', [
    session.tokenHash,
    session.accountId,
    session.expiresAt,
  ]);
}

/** Whose session it is, while it lasts; notes that it was seen (at most once a minute, to spare the disk). */
export async function touch(tx: Tx, tokenHash: Buffer, idleMs: number): Promise<Account | null> {
  const { rows } = await tx.query<Account & { stale: boolean }>(
    `SELECT a.account_id AS "accountId", a.email, a.display_name AS "displayName",
       s.last_seen_at < now() - interval '1 minute' AS stale
     FROM web_sessions s JOIN accounts a USING (account_id)
     WHERE s.token_hash = $1 AND s.expires_at > now()
       AND s.last_seen_at > now() - make_interval(secs => $2)`,
    [tokenHash, idleMs / 1000],
  );
  const row = rows[0];
  if (row === undefined) return null;
  const { stale, ...account } = row;
  if (stale)
    await tx.query('UPDATE web_sessions SET last_seen_at = now() WHERE token_hash = $1', [tokenHash]);
  return account;
}

export async function remove(tx: Tx, tokenHash: Buffer): Promise<void> {
  await tx.query('DELETE FROM web_sessions WHERE token_hash = $1', [tokenHash]);
}
