import {
  type AccountId,
  DELETED_PERSON,
  type NoticeId,
  type NoticeKind,
  type NoticeTexts,
} from '@cratersync/signaling/protocol';
import type { Tx } from './database.ts';
import type { AccountScope, Scope } from './scope.ts';

export interface Announced {
  noticeId: NoticeId;
  kind: NoticeKind;
  version: number;
  announcedAt: Date;
  effectiveAt: Date;
  texts: NoticeTexts;
}

const columns = `n.notice_id AS "noticeId", n.kind, n.version, n.announced_at AS "announcedAt",
  n.effective_at AS "effectiveAt", json_build_object(
    'en', json_build_object('title', n.title_en, 'text', n.text_en),
    'fr', json_build_object('title', n.title_fr, 'text', n.text_fr)) AS texts`;

/** For the database's owner. It is announced now, whatever the clock of whoever calls says. */
export const publish = (
  tx: Tx<Scope>,
  { kind, version, effectiveAt, texts }: Omit<Announced, 'noticeId' | 'announcedAt'>,
): Promise<Announced> =>
  tx.one(
    `INSERT INTO app.notices AS n (kind, version, effective_at, title_en, text_en, title_fr, text_fr)
     VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING ${columns}`,
    [kind, version, effectiveAt, texts.en.title, texts.en.text, texts.fr.title, texts.fr.text],
  );

/** Newest first. */
export const all = (tx: Tx<Scope>): Promise<Announced[]> =>
  tx.query(`SELECT ${columns} FROM app.notices n ORDER BY n.announced_at DESC, n.kind, n.version DESC`);

/** What holds, or held, at an instant: of each kind the latest version that was in force by then. */
export const inForce = (tx: Tx<Scope>, at: Date): Promise<Announced[]> =>
  tx.query(
    `SELECT DISTINCT ON (n.kind) ${columns} FROM app.notices n WHERE n.effective_at <= $1
     ORDER BY n.kind, n.version DESC`,
    [at],
  );

export interface ShownNotice extends Announced {
  state: 'announced' | 'in-force' | 'past';
  acknowledgements: { by: string; at: string; accountId: AccountId }[];
}

/** With what the organization in scope has made of each, newest first. */
export const ofOrganization = (tx: Tx): Promise<ShownNotice[]> =>
  tx.query(
    `SELECT ${columns},
       CASE WHEN n.effective_at > now() THEN 'announced'
         WHEN EXISTS (SELECT FROM app.notices later
           WHERE later.kind = n.kind AND later.version > n.version AND later.effective_at <= now()) THEN 'past'
         ELSE 'in-force' END AS state,
       coalesce((SELECT json_agg(json_build_object('accountId', k.account_id, 'by', coalesce(a.display_name, a.email, $1),
           'at', to_char(k.acknowledged_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
           ORDER BY k.acknowledged_at, k.account_id)
         FROM app.notice_acknowledgements k JOIN app.accounts a USING (account_id)
         WHERE k.notice_id = n.notice_id), '[]') AS acknowledgements
     FROM app.notices n ORDER BY n.announced_at DESC, n.kind, n.version DESC`,
    [DELETED_PERSON],
  );

/** @returns whether it is new; null when there is no such notice */
export async function acknowledge(tx: Tx, noticeId: NoticeId, by: AccountId): Promise<boolean | null> {
  if ((await tx.first('SELECT FROM app.notices WHERE notice_id = $1', [noticeId])) === null) return null;
  const made = await tx.change(
    'INSERT INTO app.notice_acknowledgements (notice_id, account_id) VALUES ($1, $2) ON CONFLICT DO NOTHING',
    [noticeId, by],
  );
  return made === 1;
}

/** Those of which not every owner has been written to yet, the oldest first. */
export const toMail = (tx: Tx<Scope>): Promise<Announced[]> =>
  tx.query(
    `SELECT ${columns} FROM app.notices n LEFT JOIN app.notice_mailings m USING (notice_id)
     WHERE m.finished_at IS NULL ORDER BY n.announced_at, n.notice_id`,
  );

/** The next accounts to be looked at for a notice, in their order; none: all have been. */
export const nextReaders = async (tx: Tx<Scope>, noticeId: NoticeId, limit: number): Promise<AccountId[]> => {
  await tx.change('INSERT INTO app.notice_mailings (notice_id) VALUES ($1) ON CONFLICT DO NOTHING', [
    noticeId,
  ]);
  const rows = await tx.query<{ accountId: AccountId }>(
    `SELECT a.account_id AS "accountId" FROM app.accounts a, app.notice_mailings m
     WHERE m.notice_id = $1 AND (m.up_to IS NULL OR a.account_id > m.up_to) AND a.purged_at IS NULL
     ORDER BY a.account_id LIMIT $2`,
    [noticeId, limit],
  );
  return rows.map(({ accountId }) => accountId);
};

/** Takes the account in scope for a notice. @returns whether they own something, and are to be told now */
export async function takeReader(tx: Tx<AccountScope>, noticeId: NoticeId): Promise<boolean> {
  const { accountId } = tx.scope;
  const taken = await tx.change(
    `UPDATE app.notice_mailings SET up_to = $2 WHERE notice_id = $1 AND (up_to IS NULL OR up_to < $2)`,
    [noticeId, accountId],
  );
  if (taken === 0) return false;
  const owned = await tx.first(
    `SELECT FROM app.memberships WHERE account_id = $1 AND role = 'owner' AND ended_at IS NULL LIMIT 1`,
    [accountId],
  );
  return owned !== null;
}

export const mailed = (tx: Tx<Scope>, noticeId: NoticeId): Promise<number> =>
  tx.change(
    'UPDATE app.notice_mailings SET finished_at = now() WHERE notice_id = $1 AND finished_at IS NULL',
    [noticeId],
  );
