import type { AccountId, RecordingId, SessionId } from '@cratersync/signaling/protocol';
import * as audit from './audit.ts';
import type { Tx } from './database.ts';
import { enqueueAll } from './jobs.ts';
import { isByPlan, isHeld, isWarned, keptDays, keptUntil, noticeIsDue, shareKeeping } from './keeping.ts';
import { isKept } from './recordings.ts';

/** Finished, not deleted yet, held by nobody: with a time, they end by themselves. */
const from = `FROM app.recordings r JOIN app.sessions s USING (organization_id, session_id)
  JOIN app.organizations o USING (organization_id)`;
const mayBeDeleted = `NOT (${isHeld}) AND (r.state = 'complete' OR (r.state = 'incomplete' AND r.began)) AND ${isKept}`;
const mayExpire = `${keptDays} IS NOT NULL AND ${mayBeDeleted}`;
const isDue = `${isWarned} AND ${keptUntil} <= now()`;

/** Whether anything of the organization has a time at all, of its own or by its plan. */
export async function isSet(tx: Tx): Promise<boolean> {
  const { set } = await tx.one<{ set: boolean }>(
    `SELECT EXISTS (SELECT FROM app.organizations WHERE retention_days > 0 OR plan_retention_days > 0)
       OR EXISTS (SELECT FROM app.sessions WHERE retention_days > 0) AS set`,
  );
  return set;
}

/** How many would be deleted, after the warning, if nothing were kept for longer than so many days. */
export async function countOlder(tx: Tx, days: number): Promise<number> {
  const { n } = await tx.one<{ n: number }>(
    `SELECT count(*) AS n ${from} WHERE r.started_at < now() - $1 * interval '1 day' AND ${mayBeDeleted}`,
    [days],
  );
  return n;
}

/**
 * One worker at a time, in an organization, until the transaction ends. Two at once would lose nothing; but each row that the
 * other has changed meanwhile is looked at anew by itself, which takes many times as long.
 * @returns false when another one is at it, who goes on until nothing is left
 */
export async function alone(tx: Tx): Promise<boolean> {
  const { got } = await tx.one<{ got: boolean }>(
    `SELECT pg_try_advisory_xact_lock(hashtextextended('retention ' || $1, 0)) AS got`,
    [tx.scope.organizationId],
  );
  // Where PostgreSQL believes that an organization has few recordings, it would look at all of them for each of them.
  if (got) await tx.query('SET LOCAL enable_nestloop = off');
  return got;
}

/** A recording that is going to be deleted. */
export interface Warned {
  recordingId: RecordingId;
  sessionId: SessionId;
  sessionTitle: string;
  hostId: AccountId;
  recordedAt: Date;
  until: Date;
  /** Its plan keeps it no longer; the organization would. */
  isByPlan: boolean;
}

/** Takes those of which people have to be told now; the caller tells them in the same transaction. Each is taken once. */
export const takeToWarn = (tx: Tx, limit: number): Promise<Warned[]> =>
  tx.query(
    `WITH found AS (
       SELECT r.organization_id, r.recording_id, s.title, s.created_by ${from}
       WHERE ${mayExpire} AND NOT ${isWarned} AND ${noticeIsDue} <= now()
       ORDER BY r.started_at LIMIT $1 FOR UPDATE OF r SKIP LOCKED
     ), warned AS (
       UPDATE app.recordings r SET warned_at = now(), due_since = NULL FROM found
       WHERE r.organization_id = found.organization_id AND r.recording_id = found.recording_id
       RETURNING r.*, found.title, found.created_by
     )
     SELECT r.recording_id AS "recordingId", r.session_id AS "sessionId", r.title AS "sessionTitle",
       r.created_by AS "hostId", r.started_at AS "recordedAt", ${keptUntil} AS until,
       ${isByPlan} AS "isByPlan"
     FROM warned r JOIN app.sessions s USING (organization_id, session_id) JOIN app.organizations o USING (organization_id)
     ORDER BY r.started_at`,
    [limit],
  );

/** Notes since when the clock has said of each that it is time. @returns whether there are any */
export async function noteDue(tx: Tx): Promise<boolean> {
  const update = `UPDATE app.recordings r SET due_since =`;
  const where = `FROM app.sessions s, app.organizations o
    WHERE s.organization_id = r.organization_id AND s.session_id = r.session_id AND o.organization_id = r.organization_id`;
  await tx.change(
    `${update} NULL ${where} AND r.due_since IS NOT NULL AND ((${isDue}) IS NOT TRUE OR r.due_since > now())`,
  );
  await tx.change(`${update} now() ${where} AND r.due_since IS NULL AND ${mayExpire} AND ${isDue}`);
  const { any } = await tx.one<{ any: boolean }>(
    `SELECT EXISTS (SELECT ${from} WHERE r.due_since IS NOT NULL AND ${mayExpire}) AS any`,
  );
  return any;
}

/**
 * Deletes those of which the clock has said for `confirmMs` that it is time, up to `limit` of them: hidden from now on, and
 * erased after `graceMs`, as if somebody had deleted them.
 * @returns how many
 */
export async function expire(
  tx: Tx,
  { confirmMs, graceMs, limit }: { confirmMs: number; graceMs: number; limit: number },
): Promise<number> {
  await shareKeeping(tx);
  const rows = await tx.query<{ recordingId: RecordingId; keptDays: number; isByPlan: boolean }>(
    `WITH found AS (
       SELECT r.organization_id, r.recording_id, ${keptDays} AS days, ${isByPlan} AS by_plan ${from}
       WHERE r.due_since <= now() - $1 * interval '1 millisecond' AND ${mayExpire} AND ${isDue}
       ORDER BY r.started_at LIMIT $3 FOR UPDATE OF r SKIP LOCKED
     ), made AS (
       INSERT INTO app.deletions (recording_id, erase_after)
       SELECT recording_id, now() + $2 * interval '1 millisecond' FROM found ON CONFLICT DO NOTHING
       RETURNING recording_id
     ), noted AS (
       -- The next batch need not look at them again.
       UPDATE app.recordings r SET due_since = NULL FROM found
       WHERE r.organization_id = found.organization_id AND r.recording_id = found.recording_id
     )
     SELECT recording_id AS "recordingId", days AS "keptDays", by_plan AS "isByPlan" FROM made JOIN found USING (recording_id)`,
    [confirmMs, graceMs, limit],
  );
  if (rows.length === 0) return 0;
  await enqueueAll(
    tx,
    'erase-recording',
    rows.map(({ recordingId }) => ({ recordingId })),
    { inMs: graceMs },
  );
  await audit.appendAll(
    tx,
    rows.map(({ recordingId, keptDays: days, isByPlan: byPlan }) => ({
      ...audit.nobody,
      action: 'recording.expired',
      target: { kind: 'recording', id: recordingId },
      details: byPlan ? { days, by: 'plan' } : { days },
    })),
  );
  return rows.length;
}
