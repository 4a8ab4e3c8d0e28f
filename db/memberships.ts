import type { AccountId, MemberRole } from '@cratersync/signaling/protocol';
import type { Tx } from './database.ts';
import { type PageOf, type PageRequest, pageOf, placeOf, windowOf } from './page.ts';
import * as subscriptions from './subscriptions.ts';

export interface Member {
  accountId: AccountId;
  displayName: string;
  email: string;
  role: MemberRole;
  since: Date;
}

const current = `FROM app.memberships m JOIN app.accounts a USING (account_id) WHERE m.ended_at IS NULL`;
const columns = `m.account_id AS "accountId", coalesce(a.display_name, a.email) AS "displayName", a.email, m.role,
  m.created_at AS since`;

/** Who has been in it for longest first. */
export async function list(tx: Tx, page: PageRequest): Promise<PageOf<Member>> {
  const found = await tx.query<Member & { place: [string, string] }>(
    `SELECT ${columns}, ${placeOf('m.created_at', 'm.account_id')} ${current}
       AND ($1::timestamptz IS NULL OR (m.created_at, m.account_id) > ($1, $2::uuid))
     ORDER BY m.created_at, m.account_id LIMIT $3`,
    windowOf(page),
  );
  return pageOf(found, page);
}

/** @returns null for whoever is no member (any more) */
export const byId = (tx: Tx, accountId: AccountId): Promise<Member | null> =>
  tx.first(`SELECT ${columns} ${current} AND m.account_id = $1`, [accountId]);

export const byEmail = (tx: Tx, email: string): Promise<Member | null> =>
  tx.first(`SELECT ${columns} ${current} AND a.email = $1`, [email]);

export const owners = async (tx: Tx): Promise<AccountId[]> =>
  accountsOf(
    await tx.query(`SELECT account_id AS "accountId" FROM app.memberships
    WHERE role = 'owner' AND ended_at IS NULL ORDER BY account_id`),
  );

/** Those of some people who are members. */
export const among = async (tx: Tx, people: readonly AccountId[]): Promise<AccountId[]> =>
  accountsOf(
    await tx.query(
      `SELECT account_id AS "accountId" FROM app.memberships
    WHERE account_id = ANY ($1) AND ended_at IS NULL ORDER BY account_id`,
      [people],
    ),
  );

const accountsOf = (rows: { accountId: AccountId }[]): AccountId[] => rows.map(({ accountId }) => accountId);

/**
 * Holds the owners' rows for the rest of the transaction: two of them cannot both leave as the last but one.
 * @returns those who stay: whose account is to be deleted is as good as gone
 */
export const holdOwners = async (tx: Tx): Promise<AccountId[]> => {
  await tx.query(
    `SELECT FROM app.memberships WHERE role = 'owner' AND ended_at IS NULL ORDER BY account_id FOR UPDATE`,
  );
  return accountsOf(
    await tx.query(
      `SELECT m.account_id AS "accountId" FROM app.memberships m JOIN app.accounts a USING (account_id)
       WHERE m.role = 'owner' AND m.ended_at IS NULL AND a.deletion_requested_at IS NULL ORDER BY m.account_id`,
    ),
  );
};

/** Whether somebody's account is to be deleted. */
export const isLeaving = async (tx: Tx, accountId: AccountId): Promise<boolean> =>
  (await tx.first('SELECT FROM app.accounts WHERE account_id = $1 AND deletion_requested_at IS NOT NULL', [
    accountId,
  ])) !== null;

/** Whether the organization has one member at most. */
export const isAlone = async (tx: Tx): Promise<boolean> =>
  (await tx.query('SELECT FROM app.memberships WHERE ended_at IS NULL LIMIT 2')).length < 2;

/**
 * Makes somebody a member, for the first time or again; the time before stays written down.
 * @returns false when they are one already
 */
export async function begin(tx: Tx, accountId: AccountId, role: MemberRole): Promise<boolean> {
  await tx.change(
    `INSERT INTO app.past_memberships (account_id, role, began_at, ended_at)
     SELECT account_id, role, created_at, ended_at FROM app.memberships
     WHERE account_id = $1 AND ended_at IS NOT NULL FOR UPDATE`,
    [accountId],
  );
  const begun = await tx.change(
    `INSERT INTO app.memberships (account_id, role) VALUES ($1, $2)
     ON CONFLICT (organization_id, account_id) DO UPDATE SET role = excluded.role, created_at = now(), ended_at = NULL
       WHERE app.memberships.ended_at IS NOT NULL`,
    [accountId, role],
  );
  if (begun === 1) await subscriptions.membersChanged(tx);
  return begun === 1;
}

export async function setRole(tx: Tx, accountId: AccountId, role: MemberRole): Promise<void> {
  await tx.change('UPDATE app.memberships SET role = $2 WHERE account_id = $1 AND ended_at IS NULL', [
    accountId,
    role,
  ]);
}

export async function end(tx: Tx, accountId: AccountId): Promise<void> {
  await tx.change('UPDATE app.memberships SET ended_at = now() WHERE account_id = $1 AND ended_at IS NULL', [
    accountId,
  ]);
  await subscriptions.membersChanged(tx);
}

/** How many there are: what is paid for, where seats are. */
export const count = async (tx: Tx): Promise<number> =>
  (await tx.one<{ n: number }>('SELECT count(*) AS n FROM app.memberships WHERE ended_at IS NULL')).n;
