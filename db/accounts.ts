import type { AccountId, Language } from '@cratersync/signaling/protocol';
import pg from 'pg';
import type { Tx } from './database.ts';
import type { Scope } from './scope.ts';

export interface Account {
  accountId: AccountId;
  email: string;
  /** null until the person has given one, right after their first sign-in. */
  displayName: string | null;
  /** IANA name of where they want to be shown times of; null: where their browser is */
  timeZone: string | null;
  /** In which they are written mail. */
  language: Language;
  /** When it is deleted for good; null: it is not to be. */
  purgeAfter: Date | null;
}

/** The columns of an account; `a` is app.accounts. */
export const accountColumns = `a.account_id AS "accountId", a.email, a.display_name AS "displayName",
  a.time_zone AS "timeZone", a.language, a.purge_after AS "purgeAfter"`;

export const byEmail = (tx: Tx<Scope>, email: string): Promise<Account | null> =>
  tx.first(`SELECT ${accountColumns} FROM app.accounts a WHERE email = $1`, [email]);

export const byId = (tx: Tx<Scope>, accountId: AccountId): Promise<Account | null> =>
  tx.first(`SELECT ${accountColumns} FROM app.accounts a WHERE account_id = $1 AND purged_at IS NULL`, [
    accountId,
  ]);

/** The account of a proven mail address; made when there is none yet. */
export async function findOrCreate(
  tx: Tx<Scope>,
  email: string,
  language: Language = 'en',
): Promise<Account> {
  await tx.change(
    'INSERT INTO app.accounts (email, language) VALUES ($1, $2) ON CONFLICT (email) DO NOTHING',
    [email, language],
  );
  return tx.one<Account>(`SELECT ${accountColumns} FROM app.accounts a WHERE email = $1`, [email]);
}

/** Gives a person their first name. @returns false when they have one: somebody was faster */
export async function nameFirst(tx: Tx<Scope>, accountId: AccountId, displayName: string): Promise<boolean> {
  const named = await tx.change(
    'UPDATE app.accounts SET display_name = $2 WHERE account_id = $1 AND display_name IS NULL',
    [accountId, displayName],
  );
  return named === 1;
}

/** What a person says of themselves; what is undefined stays. */
export interface Profile {
  displayName?: string | undefined;
  timeZone?: string | null | undefined;
  language?: Language | undefined;
}

export const setProfile = (tx: Tx<Scope>, accountId: AccountId, profile: Profile): Promise<Account> =>
  tx.one<Account>(
    `UPDATE app.accounts a SET display_name = coalesce($2, display_name), language = coalesce($3, language),
       time_zone = CASE WHEN $4 THEN $5 ELSE time_zone END
     WHERE account_id = $1 RETURNING ${accountColumns}`,
    [
      accountId,
      profile.displayName,
      profile.language,
      profile.timeZone !== undefined,
      profile.timeZone ?? null,
    ],
  );

/**
 * Gives an account another mail address. Codes and links that were mailed to either of the two end.
 * @returns false when its address is not `from` (any more), or another account has `to`; the transaction is to be given
 *   up then
 */
export async function setEmail(
  tx: Tx<Scope>,
  accountId: AccountId,
  { from, to }: { from: string; to: string },
): Promise<boolean> {
  const changed = await tx
    .change(
      `UPDATE app.accounts SET email = $3 WHERE account_id = $1 AND email = $2
       AND NOT EXISTS (SELECT FROM app.accounts other WHERE other.email = $3)`,
      [accountId, from, to],
    )
    .catch((error: unknown) => {
      // Somebody else got it in this very moment.
      if (error instanceof pg.DatabaseError && error.constraint === 'accounts_email_key') return 0;
      throw error;
    });
  if (changed === 0) return false;
  await tx.change(
    'UPDATE app.sign_in_codes SET ended_at = now() WHERE email = ANY ($1) AND ended_at IS NULL',
    [[from, to]],
  );
  await tx.change('DELETE FROM app.sign_in_links WHERE email = ANY ($1)', [[from, to]]);
  return true;
}
