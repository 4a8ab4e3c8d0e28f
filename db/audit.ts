import type { rest } from '@cratersync/signaling/protocol';
import { type Actor, type AuditEntry, FIRST_HASH, hashOfEntry } from './audit-chain.ts';
import type { Tx } from './database.ts';

export interface StoredEntry extends AuditEntry {
  hash: Buffer;
}

/** An entry with the names that its ids have now; null for what is erased or has none. */
export interface NamedEntry extends StoredEntry {
  actorName: string | null;
  targetName: string | null;
}

/** What an action is, and where it was asked for. */
export type Done = Pick<AuditEntry, 'actor' | 'action' | 'target' | 'details' | 'address' | 'requestId'>;

/** What happens by itself, or is not known to be anybody's. */
export const nobody: Pick<Done, 'actor' | 'address' | 'requestId'> = {
  actor: { kind: 'system', id: null },
  address: '',
  requestId: '',
};

/** The end of the chain; null: nothing is written down yet. */
export const newest = (tx: Tx): Promise<Pick<StoredEntry, 'sequence' | 'hash'> | null> =>
  tx.first('SELECT sequence, hash FROM app.audit_entries ORDER BY sequence DESC LIMIT 1');

/** Adds an entry to the chain of the organization in scope, in the transaction of what it tells. */
export const append = (tx: Tx, done: Done): Promise<void> => appendAll(tx, [done]);

/** Adds entries, one behind the other. */
export async function appendAll(tx: Tx, all: readonly Done[]): Promise<void> {
  if (all.length === 0) return;
  const { organizationId } = tx.scope;
  // One at a time in each organization, until the transaction ends: a chain has one end.
  await tx.query(`SELECT pg_advisory_xact_lock(hashtextextended('audit ' || $1, 0))`, [organizationId]);
  let { sequence, hash } = (await newest(tx)) ?? { sequence: 0, hash: FIRST_HASH };
  const rows = all.map(done => {
    sequence += 1;
    const entry: AuditEntry = { organizationId, sequence, at: new Date(), ...done };
    hash = hashOfEntry(hash, entry);
    return { ...entry, hash: `\\x${hash.toString('hex')}` };
  });
  await tx.change(
    `INSERT INTO app.audit_entries
       (sequence, at, actor_kind, actor_id, action, target_kind, target_id, details, address, request_id, hash)
     SELECT sequence, at, actor ->> 'kind', (actor ->> 'id')::uuid, action, target ->> 'kind', (target ->> 'id')::uuid,
       details, address, "requestId", hash
     FROM json_to_recordset($1) AS entry (sequence bigint, at timestamptz, actor json, action text, target json,
       details json, address text, "requestId" text, hash bytea)`,
    [JSON.stringify(rows)],
  );
}

export interface Filter {
  /** Entries before this one only; undefined: from the newest. */
  before?: number | undefined;
  action?: string | undefined;
  actorId?: string | undefined;
  from?: Date | undefined;
  to?: Date | undefined;
}

interface Row extends Omit<NamedEntry, 'actor' | 'target'> {
  actorKind: Actor['kind'];
  actorId: string | null;
  targetKind: string;
  targetId: string;
}

const columns = `e.organization_id AS "organizationId", e.sequence, e.at, e.actor_kind AS "actorKind",
  e.actor_id AS "actorId", e.action, e.target_kind AS "targetKind", e.target_id AS "targetId", e.details, e.address,
  e.request_id AS "requestId", e.hash`;

/** Newest first. */
export async function list(tx: Tx, filter: Filter, limit: number): Promise<NamedEntry[]> {
  const rows = await tx.query<Row>(
    `SELECT ${columns}, coalesce(actor.display_name, actor_seat.display_name, actor_token.name) AS "actorName",
       coalesce(member.display_name, seat.display_name, session.title, nullif(invited.email, ''), organization.name,
         token.name, webhook.url, share.name, notice.title_en) AS "targetName"
     FROM app.audit_entries e
     LEFT JOIN app.accounts actor ON e.actor_kind = 'account' AND actor.account_id = e.actor_id
     LEFT JOIN app.participants actor_seat ON e.actor_kind = 'participant' AND actor_seat.participant_id = e.actor_id
     LEFT JOIN app.api_tokens actor_token ON e.actor_kind = 'token' AND actor_token.token_id = e.actor_id
     LEFT JOIN app.accounts member ON e.target_kind = 'member' AND member.account_id = e.target_id
     LEFT JOIN app.participants seat ON e.target_kind = 'participant' AND seat.participant_id = e.target_id
     LEFT JOIN app.recordings recording ON e.target_kind = 'recording' AND recording.recording_id = e.target_id
     LEFT JOIN app.invitations link ON e.target_kind = 'guest-link' AND link.invitation_id = e.target_id
     LEFT JOIN app.sessions session ON session.session_id = CASE e.target_kind WHEN 'session' THEN e.target_id
       WHEN 'recording' THEN recording.session_id WHEN 'guest-link' THEN link.session_id END
     LEFT JOIN app.member_invitations invited
       ON e.target_kind = 'member-invitation' AND invited.member_invitation_id = e.target_id
     LEFT JOIN app.api_tokens token ON e.target_kind = 'token' AND token.token_id = e.target_id
     LEFT JOIN app.webhooks webhook ON e.target_kind = 'webhook' AND webhook.webhook_id = e.target_id
     LEFT JOIN app.shares share ON e.target_kind = 'share' AND share.share_id = e.target_id
     LEFT JOIN app.notices notice ON e.target_kind = 'notice' AND notice.notice_id = e.target_id
     LEFT JOIN app.organizations organization
       ON e.target_kind = 'organization' AND organization.organization_id = e.target_id
     WHERE ($1::bigint IS NULL OR e.sequence < $1) AND ($2::text IS NULL OR e.action = $2)
       AND ($3::uuid IS NULL OR e.actor_id = $3) AND ($4::timestamptz IS NULL OR e.at >= $4)
       AND ($5::timestamptz IS NULL OR e.at < $5)
     ORDER BY e.sequence DESC LIMIT $6`,
    [filter.before, filter.action, filter.actorId, filter.from, filter.to, limit],
  );
  return rows.map(({ actorName, targetName, ...row }) => ({ ...entryOf(row), actorName, targetName }));
}

export type Verdict =
  | { holds: true; entries: number; head: Buffer }
  | { holds: false; sequence: number; reason: string };

const PAGE = 1000;

/** Computes the chain of the organization in scope anew. */
export async function verify(tx: Tx): Promise<Verdict> {
  let sequence = 0;
  let head = FIRST_HASH;
  for (;;) {
    const rows = await tx.query<Row>(
      `SELECT ${columns} FROM app.audit_entries e WHERE e.sequence > $1 ORDER BY e.sequence LIMIT ${PAGE}`,
      [sequence],
    );
    for (const row of rows) {
      const entry = entryOf(row);
      sequence += 1;
      if (entry.sequence !== sequence) return { holds: false, sequence, reason: 'it is missing' };
      head = hashOfEntry(head, entry);
      if (!head.equals(entry.hash))
        return { holds: false, sequence, reason: 'it, or one before it, was changed' };
    }
    if (rows.length < PAGE) return { holds: true, entries: sequence, head };
  }
}

const entryOf = ({
  actorKind,
  actorId,
  targetKind,
  targetId,
  ...row
}: Omit<Row, 'actorName' | 'targetName'>) => ({
  ...row,
  actor: actorId === null ? nobody.actor : { kind: actorKind as 'account', id: actorId },
  target: { kind: targetKind, id: targetId },
});

/** As it is shown and exported. */
export const describe = (row: NamedEntry): rest.AuditEntry => ({
  sequence: row.sequence,
  at: row.at.toISOString(),
  actorKind: row.actor.kind,
  actorId: row.actor.id,
  actorName: row.actorName,
  action: row.action,
  targetKind: row.target.kind,
  targetId: row.target.id,
  targetName: row.targetName,
  details: row.details,
  address: row.address,
  requestId: row.requestId,
  hash: row.hash.toString('hex'),
});
