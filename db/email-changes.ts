import type { AccountId } from '@cratersync/signaling/protocol';
import type { Tx } from './database.ts';
import type { Scope } from './scope.ts';
import { MAX_ATTEMPTS, MAX_ATTEMPTS_AN_HOUR } from './sign-in-codes.ts';

export interface PendingChange {
  newEmail: string;
  expiresAt: Date;
}

const live = 'ended_at IS NULL AND expires_at > now()';

/** Puts a wish in the place of every older one of that account, and clears out what has long expired. */
export async function replace(
  tx: Tx<Scope>,
  change: {
    accountId: AccountId;
    browserHash: Buffer;
    oldEmail: string;
    newEmail: string;
    salt: Buffer;
    oldHash: Buffer;
    newHash: Buffer;
    lifetimeMs: number;
  },
): Promise<PendingChange> {
  await tx.change(`DELETE FROM app.email_changes WHERE expires_at < now() - interval '1 day'`);
  await end(tx, change.accountId);
  return tx.one<PendingChange>(
    `INSERT INTO app.email_changes
       (account_id, browser_hash, old_email, new_email, code_salt, old_code_hash, new_code_hash, expires_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, now() + $8 * interval '1 millisecond')
     RETURNING new_email AS "newEmail", expires_at AS "expiresAt"`,
    [
      change.accountId,
      change.browserHash,
      change.oldEmail,
      change.newEmail,
      change.salt,
      change.oldHash,
      change.newHash,
      change.lifetimeMs,
    ],
  );
}

/** What an account waits for in this browser. */
export const pending = (
  tx: Tx<Scope>,
  of: { accountId: AccountId; browserHash: Buffer },
): Promise<PendingChange | null> =>
  tx.first(
    `SELECT new_email AS "newEmail", expires_at AS "expiresAt" FROM app.email_changes
     WHERE account_id = $1 AND browser_hash = $2 AND ${live}`,
    [of.accountId, of.browserHash],
  );

export interface ClaimedChange {
  changeId: string;
  oldEmail: string;
  newEmail: string;
  salt: Buffer;
  oldHash: Buffer;
  newHash: Buffer;
  attemptsLeft: number;
}

/**
 * Takes one of the attempts, as signInCodes.claimAttempt does: commit it before a hash is computed.
 * @returns null when there is no usable wish: none, expired, ended, tried out (or too many within the hour were), or of
 *   another browser
 */
export const claimAttempt = (
  tx: Tx<Scope>,
  of: { accountId: AccountId; browserHash: Buffer },
): Promise<ClaimedChange | null> =>
  tx.first(
    `UPDATE app.email_changes change SET attempts = attempts + 1
     WHERE account_id = $1 AND browser_hash = $2 AND ${live} AND attempts < $3
       AND attempts + (SELECT coalesce(sum(other.attempts), 0) FROM app.email_changes other
         WHERE other.account_id = $1 AND other.created_at > now() - interval '1 hour'
           AND other.change_id <> change.change_id) < $4
     RETURNING change_id AS "changeId", old_email AS "oldEmail", new_email AS "newEmail", code_salt AS salt,
       old_code_hash AS "oldHash", new_code_hash AS "newHash", $3 - attempts AS "attemptsLeft"`,
    [of.accountId, of.browserHash, MAX_ATTEMPTS, MAX_ATTEMPTS_AN_HOUR],
  );

/** @returns false when somebody else was first, or it was replaced meanwhile */
export async function use(tx: Tx<Scope>, changeId: string): Promise<boolean> {
  const used = await tx.change(
    'UPDATE app.email_changes SET ended_at = now() WHERE change_id = $1 AND ended_at IS NULL',
    [changeId],
  );
  return used === 1;
}

/** Gives up whatever an account waits for. */
export async function end(tx: Tx<Scope>, accountId: AccountId): Promise<void> {
  await tx.change(
    'UPDATE app.email_changes SET ended_at = now() WHERE account_id = $1 AND ended_at IS NULL',
    [accountId],
  );
}
