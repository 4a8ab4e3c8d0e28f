import { randomUUID } from 'node:crypto';
import { type AccountId, accountId as accountIdSchema } from '@cratersync/signaling/protocol';
import type { Tx } from './scope.ts';

export interface Account {
  accountId: AccountId;
  email: string;
  displayName: string | null;
}

const columns = 'account_id AS "accountId", email, display_name AS "displayName"';

/** The account of a mail address that has just been proven; made when it is the first time. */
export async function findOrCreate(tx: Tx, email: string): Promise<Account> {
  await tx.query('INSERT INTO accounts (account_id, email) VALUES ($1, $2) ON CONFLICT (email) DO NOTHING', [
    accountIdSchema.parse(randomUUID()),
    email,
  ]);
  const { rows } = await tx.query<Account>(`SELECT ${columns} FROM accounts WHERE email = $1`, [email]);
  const account = rows[0];
  if (account === undefined) throw new Error('an account vanished between insert and select');
  return account;
}

export async function rename(tx: Tx, accountId: AccountId, displayName: string): Promise<void> {
  await tx.query('UPDATE accounts SET display_name = $2 WHERE account_id = $1', [accountId, displayName]);
}
