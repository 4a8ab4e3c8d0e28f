import type { AccountId, RecordingId, SessionId } from '@cratersync/signaling/protocol';
import type { Tx } from './database.ts';
import { whetherDue } from './due.ts';
import { enqueue } from './jobs.ts';
import { HELD_LOOK_MS, isHeld } from './keeping.ts';
import { type PageOf, type PageRequest, pageOf, placeOf, windowOf } from './page.ts';

/** A recording that somebody wants gone, and how far that is. */
export interface Deletion {
  recordingId: RecordingId;
  sessionId: SessionId;
  sessionTitle: string;
  recordedAt: Date;
  requestedAt: Date;
  /** Nobody asked for it: the time for which it was kept is over. */
  isExpired: boolean;
  /** It is not erased, for so long. */
  isHeld: boolean;
  eraseAfter: Date;
  /** From here on nothing brings it back. */
  startedAt: Date | null;
  keyDestroyedAt: Date | null;
  /** How many objects there were before the first was deleted. */
  objects: number | null;
  finishedAt: Date | null;
  receipt: string | null;
}

const columns = `d.recording_id AS "recordingId", r.session_id AS "sessionId", s.title AS "sessionTitle",
  r.started_at AS "recordedAt", d.requested_at AS "requestedAt", d.requested_by IS NULL AS "isExpired",
  ${isHeld} AS "isHeld", d.erase_after AS "eraseAfter",
  d.started_at AS "startedAt", d.key_destroyed_at AS "keyDestroyedAt", d.objects, d.finished_at AS "finishedAt",
  d.receipt`;
const from = `FROM app.deletions d JOIN app.recordings r USING (organization_id, recording_id)
  JOIN app.sessions s USING (organization_id, session_id) JOIN app.organizations o USING (organization_id)`;

export const byId = (tx: Tx, recordingId: RecordingId): Promise<Deletion | null> =>
  tx.first(`SELECT ${columns} ${from} WHERE d.recording_id = $1`, [recordingId]);

/** Newest first. */
export async function list(tx: Tx, page: PageRequest): Promise<PageOf<Deletion>> {
  const found = await tx.query<Deletion & { place: [string, string] }>(
    `SELECT ${columns}, ${placeOf('d.requested_at', 'd.recording_id')} ${from}
     WHERE $1::timestamptz IS NULL OR (d.requested_at, d.recording_id) < ($1, $2::uuid)
     ORDER BY d.requested_at DESC, d.recording_id DESC LIMIT $3`,
    windowOf(page),
  );
  return pageOf(found, page);
}

/** Hides a recording from now on, and has it erased when the time to undo it is over. Asked again, it changes nothing. */
export async function request(
  tx: Tx,
  recordingId: RecordingId,
  { requestedBy, graceMs }: { requestedBy: AccountId | null; graceMs: number },
): Promise<void> {
  const { organizationId } = tx.scope;
  const made = await tx.change(
    `INSERT INTO app.deletions (organization_id, recording_id, requested_by, erase_after)
     VALUES ($1, $2, $3, now() + $4 * interval '1 millisecond') ON CONFLICT DO NOTHING`,
    [organizationId, recordingId, requestedBy, graceMs],
  );
  if (made === 1) await enqueue(tx, 'erase-recording', { recordingId }, { inMs: graceMs });
}

/** Where its time was over, people are told of that once more first. @returns false when it has begun, or there is none */
export async function undo(tx: Tx, recordingId: RecordingId): Promise<boolean> {
  const undone = await tx.change('DELETE FROM app.deletions WHERE recording_id = $1 AND started_at IS NULL', [
    recordingId,
  ]);
  await tx.change('UPDATE app.recordings SET keeping_changed_at = now() WHERE recording_id = $1', [
    recordingId,
  ]);
  return undone === 1;
}

/**
 * Begins it when it is time (`whetherDue`). What is held is not begun (and the database would not have it begun).
 * @returns `gone`: it was undone; a number: to be asked again in so many ms
 */
export async function begin(
  tx: Tx,
  recordingId: RecordingId,
  confirmMs: number,
): Promise<'begun' | 'gone' | number> {
  const row = await tx.first<{ begun: boolean; isHeld: boolean }>(
    `SELECT d.started_at IS NOT NULL AS begun, ${isHeld} AS "isHeld" ${from}
     WHERE d.recording_id = $1 FOR UPDATE OF d`,
    [recordingId],
  );
  if (row === null) return 'gone';
  if (row.begun) return 'begun';
  if (row.isHeld) return HELD_LOOK_MS;
  const timed = { table: 'app.deletions', key: 'recording_id', id: recordingId, at: 'erase_after' };
  const due = await whetherDue(tx, timed, confirmMs);
  if (due !== 'due') return due;
  await tx.change('UPDATE app.deletions SET started_at = now() WHERE recording_id = $1', [recordingId]);
  return 'begun';
}

/** Noted once, as are its objects. */
export const keyDestroyed = (tx: Tx, recordingId: RecordingId): Promise<number> =>
  tx.change(
    'UPDATE app.deletions SET key_destroyed_at = coalesce(key_destroyed_at, now()) WHERE recording_id = $1',
    [recordingId],
  );

export const counted = (tx: Tx, recordingId: RecordingId, objects: number): Promise<number> =>
  tx.change('UPDATE app.deletions SET objects = coalesce(objects, $2) WHERE recording_id = $1', [
    recordingId,
    objects,
  ]);

/** It is gone, and so is what was known of its stems, and whom it was shown to. @returns false when another worker was faster */
export async function finish(
  tx: Tx,
  recordingId: RecordingId,
  { finishedAt, receipt }: { finishedAt: Date; receipt: string },
): Promise<boolean> {
  const finished = await tx.change(
    `UPDATE app.deletions SET finished_at = $2, receipt = $3 WHERE recording_id = $1 AND finished_at IS NULL`,
    [recordingId, finishedAt, receipt],
  );
  await tx.change('DELETE FROM app.shares WHERE recording_id = $1', [recordingId]);
  await tx.change('DELETE FROM app.markers WHERE recording_id = $1', [recordingId]);
  await tx.change('DELETE FROM app.renders WHERE recording_id = $1', [recordingId]);
  await tx.change('DELETE FROM app.stems WHERE recording_id = $1', [recordingId]);
  return finished === 1;
}
