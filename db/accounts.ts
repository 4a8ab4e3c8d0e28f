import type { AccountId } from '@cratersync/signaling/protocol';
import type { Tx } from './database.ts';
import type { Scope } from './scope.ts';

export interface Account {
  accountId: AccountId;
  email: string;
  /** null until the person has given one, right after their first sign-in. */
  displayName: string | null;
}

const columns = 'account_id AS "accountId", email, display_name AS "displayName"';

export const byEmail = (tx: Tx<Scope>, email: string): Promise<Account | null> =>
  tx.first(`SELECT ${columns} FROM app.accounts WHERE email = $1`, [email]);

/** The account of a proven mail address; made when there is none yet. */
export async function findOrCreate(tx: Tx<Scope>, email: string): Promise<Account> {
  await tx.change('INSERT INTO app.accounts (email) VALUES ($1) ON CONFLICT (email) DO NOTHING', [email]);
  return tx.one<Account>(`SELECT ${columns} FROM app.accounts WHERE email = $1`, [email]);
}

/** Gives a person their first name. @returns false when they have one: somebody was faster */
export async function nameFirst(tx: Tx<Scope>, accountId: AccountId, displayName: string): Promise<boolean> {
  const named = await tx.change(
    'UPDATE app.accounts SET display_name = $2 WHERE account_id = $1 AND display_name IS NULL',
    [accountId, displayName],
  );
  return named === 1;
}

export async function rename(tx: Tx<Scope>, accountId: AccountId, displayName: string): Promise<void> {
  await tx.change('UPDATE app.accounts SET display_name = $2 WHERE account_id = $1', [
    accountId,
    displayName,
  ]);
}
