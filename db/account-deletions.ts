import { type AccountId, DELETED_PERSON, type OrganizationId } from '@cratersync/signaling/protocol';
import * as apiTokens from './api-tokens.ts';
import * as audit from './audit.ts';
import type { Tx } from './database.ts';
import { whetherDue } from './due.ts';
import { enqueue } from './jobs.ts';
import type { AccountScope } from './scope.ts';
import * as subscriptions from './subscriptions.ts';
import * as webSessions from './web-sessions.ts';

/**
 * Notes that somebody wants their account gone, signs them out everywhere, and has it purged when their time to come back is
 * over. Asked again, it changes nothing.
 * @returns when it is purged
 */
export async function request(tx: Tx<AccountScope>, graceMs: number): Promise<Date> {
  const { accountId } = tx.scope;
  await tx.change(
    `UPDATE app.accounts SET deletion_requested_at = now(), purge_after = now() + $2 * interval '1 millisecond'
     WHERE account_id = $1 AND deletion_requested_at IS NULL`,
    [accountId, graceMs],
  );
  await webSessions.removeOfAccount(tx, accountId);
  await enqueue(tx, 'purge-account', {}, { inMs: graceMs });
  const { purgeAfter } = await tx.one<{ purgeAfter: Date }>(
    'SELECT purge_after AS "purgeAfter" FROM app.accounts WHERE account_id = $1',
    [accountId],
  );
  return purgeAfter;
}

/** @returns false when it is too late, or was not asked for */
export async function undo(tx: Tx<AccountScope>): Promise<boolean> {
  const undone = await tx.change(
    `UPDATE app.accounts SET deletion_requested_at = NULL, purge_after = NULL, purge_due_since = NULL
     WHERE account_id = $1 AND purge_after IS NOT NULL AND purge_started_at IS NULL`,
    [tx.scope.accountId],
  );
  return undone === 1;
}

/**
 * Begins it when it is time (`whetherDue`).
 * @returns `gone`: it was undone, or is done; a number: to be asked again in so many ms
 */
export async function begin(tx: Tx<AccountScope>, confirmMs: number): Promise<'begun' | 'gone' | number> {
  const { accountId } = tx.scope;
  const row = await tx.first<{ begun: boolean }>(
    `SELECT purge_started_at IS NOT NULL AS begun FROM app.accounts
     WHERE account_id = $1 AND purge_after IS NOT NULL AND purged_at IS NULL FOR UPDATE`,
    [accountId],
  );
  if (row === null) return 'gone';
  if (row.begun) return 'begun';
  const timed = { table: 'app.accounts', key: 'account_id', id: accountId };
  const due = await whetherDue(tx, { ...timed, at: 'purge_after', since: 'purge_due_since' }, confirmMs);
  if (due !== 'due') return due;
  await tx.change('UPDATE app.accounts SET purge_started_at = now() WHERE account_id = $1', [accountId]);
  return 'begun';
}

/** Where they are a member, or ever were. */
export const everIn = async (tx: Tx<AccountScope>): Promise<OrganizationId[]> => {
  const rows = await tx.query<{ organizationId: OrganizationId }>(
    'SELECT organization_id AS "organizationId" FROM app.memberships WHERE account_id = $1 ORDER BY organization_id',
    [tx.scope.accountId],
  );
  return rows.map(({ organizationId }) => organizationId);
};

/**
 * Takes them out of the organization in scope: their tokens and their membership end, and their name goes from what they made.
 * What they did stays, by an id that no longer leads to anybody.
 */
export async function forget(tx: Tx, accountId: AccountId): Promise<void> {
  const tokens = await apiTokens.revokeOf(tx, accountId);
  const ended = await tx.change(
    'UPDATE app.memberships SET ended_at = now() WHERE account_id = $1 AND ended_at IS NULL',
    [accountId],
  );
  await subscriptions.membersChanged(tx);
  await tx.change('UPDATE app.participants SET display_name = $2 WHERE account_id = $1', [
    accountId,
    DELETED_PERSON,
  ]);
  await tx.change('UPDATE app.markers SET made_by = $2 WHERE made_by_account = $1', [
    accountId,
    DELETED_PERSON,
  ]);
  await tx.change(
    `UPDATE app.member_invitations SET email = '' WHERE accepted_by = $1
       OR ((outcome IS NOT NULL OR expires_at <= now())
         AND email = (SELECT a.email FROM app.accounts a WHERE a.account_id = $1))`,
    [accountId],
  );
  await audit.appendAll(tx, [
    ...tokens.map(id => ({
      ...{
        ...audit.nobody,
        action: 'token.revoked',
        target: { kind: 'token', id },
        details: { because: 'maker' },
      },
    })),
    ...(ended === 0
      ? []
      : [
          {
            ...audit.nobody,
            action: 'member.deleted',
            target: { kind: 'member', id: accountId },
            details: {},
          },
        ]),
  ]);
}

/** What is their own goes, and of the account itself only the id stays. */
export async function purge(tx: Tx<AccountScope>): Promise<void> {
  const { accountId } = tx.scope;
  for (const table of ['web_sessions', 'devices', 'passkeys', 'passkey_challenges', 'email_changes'])
    await tx.change(`DELETE FROM app.${table} WHERE account_id = $1`, [accountId]);
  await tx.change(`DELETE FROM app.dead_letters WHERE job ->> 'to' = $1`, [accountId]);
  for (const table of ['sign_in_codes', 'sign_in_links', 'unreachable_addresses'])
    await tx.change(
      `DELETE FROM app.${table} WHERE email = (SELECT a.email FROM app.accounts a WHERE a.account_id = $1)`,
      [accountId],
    );
  await tx.change(
    `UPDATE app.accounts SET email = NULL, display_name = NULL, time_zone = NULL, language = 'en', purged_at = now()
     WHERE account_id = $1 AND purge_started_at IS NOT NULL AND purged_at IS NULL`,
    [accountId],
  );
}
