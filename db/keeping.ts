import type { RecordingId, SessionId } from '@cratersync/signaling/protocol';
import type { Tx } from './database.ts';
import { enqueue } from './jobs.ts';

/** How long before a recording is deleted people are told; never is one deleted sooner after that. */
export const NOTICE_DAYS = 7;
const notice = `interval '${NOTICE_DAYS} days'`;

/** SQL; r, s, o are a recording, its session and its organization. NULL: for ever. */
const wantedDays = 'nullif(coalesce(s.retention_days, o.retention_days), 0)';
/** The shorter one of what is wanted and what the plan allows; NULL counts for neither. */
export const keptDays = `least(${wantedDays}, o.plan_retention_days)`;
/** Whether the plan says so. */
export const isByPlan = `coalesce(o.plan_retention_days < coalesce(${wantedDays}, 'infinity'::float8), false)`;
/** When a recording's time is over, if everybody has been told by then. */
export const timeIsOver = `(r.started_at + ${keptDays} * interval '1 day')`;
/** Of a warning that was given before something changed, or by a clock that was ahead, nothing follows. */
export const isWarned = `coalesce(r.warned_at <= now() AND r.warned_at > greatest(
  o.keeping_changed_at, s.keeping_changed_at, r.keeping_changed_at, '-infinity'), false)`;
export const keptUntil = `(CASE WHEN ${keptDays} IS NOT NULL THEN
  greatest(${timeIsOver}, CASE WHEN ${isWarned} THEN r.warned_at ELSE now() END + ${notice}) END)`;
/** When it is to be told. */
export const noticeIsDue = `${timeIsOver} - ${notice}`;
/** Of a session without a look at its recordings. */
export const isSessionHeld = 'coalesce(s.held_at, o.held_at) IS NOT NULL';
export const isHeld = 'coalesce(r.held_at, s.held_at, o.held_at) IS NOT NULL';
const fromRecording = `FROM app.recordings r JOIN app.sessions s USING (organization_id, session_id)
  JOIN app.organizations o USING (organization_id)`;

/** What a hold is on. */
export type Held =
  | { of: 'organization' }
  | { of: 'session'; id: SessionId }
  | { of: 'recording'; id: RecordingId };

/** Why something may not be deleted, since when. */
export interface Hold {
  since: Date;
  reason: string;
}

/** How often it is looked whether a hold is over. */
export const HELD_LOOK_MS = 3_600_000;

/** Alone with what may be deleted: until the transaction ends, no deletion begins and no other hold is placed. */
export const holdKeeping = (tx: Tx): Promise<unknown> =>
  tx.query(`SELECT pg_advisory_xact_lock(hashtextextended('holds ' || $1, 0))`, [tx.scope.organizationId]);
/** Together with others that delete: until the transaction ends, no hold is placed and no time is changed. */
export const shareKeeping = (tx: Tx): Promise<unknown> =>
  tx.query(`SELECT pg_advisory_xact_lock_shared(hashtextextended('holds ' || $1, 0))`, [
    tx.scope.organizationId,
  ]);

const holdOf = (since: Date | null, reason: string | null): Hold | null =>
  since === null || reason === null ? null : { since, reason };

interface HeldRow {
  heldAt: Date | null;
  holdReason: string | null;
}

/** @returns retentionDays: null: for ever */
export async function ofOrganization(tx: Tx): Promise<{ retentionDays: number | null; hold: Hold | null }> {
  const row = await tx.one<HeldRow & { retentionDays: number | null }>(
    `SELECT nullif(retention_days, 0) AS "retentionDays", held_at AS "heldAt", hold_reason AS "holdReason"
     FROM app.organizations WHERE organization_id = $1`,
    [tx.scope.organizationId],
  );
  return { retentionDays: row.retentionDays, hold: holdOf(row.heldAt, row.holdReason) };
}

export interface SessionKeeping {
  /** Its own; 0: for ever; null: as the organization. */
  retentionDays: number | null;
  /** Its own. */
  hold: Hold | null;
  /** What follows from its own, the organization's and the plan's; null: for ever. */
  keptDays: number | null;
  /** Without the plan it would be longer. */
  isByPlan: boolean;
  isHeld: boolean;
}

/** @returns null when there is no such session */
export async function ofSession(tx: Tx, sessionId: SessionId): Promise<SessionKeeping | null> {
  const row = await tx.first<HeldRow & Omit<SessionKeeping, 'hold'>>(
    `SELECT s.retention_days AS "retentionDays", s.held_at AS "heldAt", s.hold_reason AS "holdReason",
       ${keptDays} AS "keptDays", ${isByPlan} AS "isByPlan", ${isSessionHeld} AS "isHeld"
     FROM app.sessions s JOIN app.organizations o USING (organization_id) WHERE s.session_id = $1`,
    [sessionId],
  );
  if (row === null) return null;
  const { heldAt, holdReason, ...rest } = row;
  return { ...rest, hold: holdOf(heldAt, holdReason) };
}

export interface RecordingKeeping {
  /** null: for ever, unless somebody deletes it */
  until: Date | null;
  /** Without the plan it would be longer. */
  isByPlan: boolean;
  /** The nearest of those that keep it. */
  hold: (Hold & { of: Held['of'] }) | null;
}

/** @returns null when there is no such recording */
export async function ofRecording(tx: Tx, recordingId: RecordingId): Promise<RecordingKeeping | null> {
  const row = await tx.first<HeldRow & Omit<RecordingKeeping, 'hold'> & { of: Held['of'] }>(
    `SELECT ${keptUntil} AS until, ${isByPlan} AS "isByPlan", coalesce(r.held_at, s.held_at, o.held_at) AS "heldAt",
       coalesce(r.hold_reason, s.hold_reason, o.hold_reason) AS "holdReason",
       CASE WHEN r.held_at IS NOT NULL THEN 'recording' WHEN s.held_at IS NOT NULL THEN 'session'
         ELSE 'organization' END AS of
     ${fromRecording} WHERE r.recording_id = $1`,
    [recordingId],
  );
  if (row === null) return null;
  const hold = holdOf(row.heldAt, row.holdReason);
  return { until: row.until, isByPlan: row.isByPlan, hold: hold === null ? null : { ...hold, of: row.of } };
}

/** Whether anything of the organization is held: then it cannot be deleted as a whole either. */
export async function isAnythingHeld(tx: Tx): Promise<boolean> {
  const { held } = await tx.one<{ held: boolean }>(
    `SELECT EXISTS (SELECT FROM app.organizations WHERE held_at IS NOT NULL)
       OR EXISTS (SELECT FROM app.sessions WHERE held_at IS NOT NULL)
       OR EXISTS (SELECT FROM app.recordings WHERE held_at IS NOT NULL) AS held`,
  );
  return held;
}

/** @param days 0: for ever */
export async function setOrganizationRetention(tx: Tx, days: number): Promise<void> {
  await holdKeeping(tx);
  await tx.change('UPDATE app.organizations SET retention_days = $1, keeping_changed_at = now()', [days]);
}

/** @param days 0: for ever; null: as the organization */
export async function setSessionRetention(tx: Tx, sessionId: SessionId, days: number | null): Promise<void> {
  await holdKeeping(tx);
  await tx.change(
    'UPDATE app.sessions SET retention_days = $2, keeping_changed_at = now() WHERE session_id = $1',
    [sessionId, days],
  );
}

/**
 * For how long the plan keeps recordings, from now on; null: as long as wanted. Of what was to be deleted, or is now, people
 * are told anew first. Done again, it changes nothing.
 */
export async function setPlanRetention(tx: Tx, days: number | null): Promise<void> {
  await holdKeeping(tx);
  const changed = await tx.change(
    `UPDATE app.organizations SET plan_retention_days = $1, keeping_changed_at = now()
     WHERE organization_id = $2 AND state <> 'erased' AND plan_retention_days IS DISTINCT FROM $1`,
    [days, tx.scope.organizationId],
  );
  if (changed === 1) await enqueue(tx, 'apply-retention', {});
}

const tables = {
  organization: { table: 'app.organizations', id: 'organization_id' },
  session: { table: 'app.sessions', id: 'session_id' },
  recording: { table: 'app.recordings', id: 'recording_id' },
} as const;
const placeOf = (tx: Tx, held: Held) => ({
  ...tables[held.of],
  value: held.of === 'organization' ? tx.scope.organizationId : held.id,
});

/** From now on nobody deletes it. @returns false when it is held already, or is not there */
export async function place(tx: Tx, held: Held, reason: string): Promise<boolean> {
  await holdKeeping(tx);
  const { table, id, value } = placeOf(tx, held);
  const placed = await tx.change(
    `UPDATE ${table} SET held_at = now(), hold_reason = $2 WHERE ${id} = $1 AND held_at IS NULL`,
    [value, reason],
  );
  await tendKey(tx);
  return placed === 1;
}

/** The key of an organization that is to be deleted is kept for as long as something is held. */
async function tendKey(tx: Tx): Promise<void> {
  const closing = await tx.first('SELECT FROM app.organization_deletions WHERE organization_id = $1', [
    tx.scope.organizationId,
  ]);
  if (closing !== null) await enqueue(tx, 'tend-organization-key', {});
}

/** What was to be deleted meanwhile is told of anew first. @returns false when it is not held */
export async function release(tx: Tx, held: Held): Promise<boolean> {
  await holdKeeping(tx);
  const { table, id, value } = placeOf(tx, held);
  const released = await tx.change(
    `UPDATE ${table} SET held_at = NULL, hold_reason = NULL, keeping_changed_at = now()
     WHERE ${id} = $1 AND held_at IS NOT NULL`,
    [value],
  );
  await tendKey(tx);
  return released === 1;
}
