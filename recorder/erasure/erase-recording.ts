import { audit, type Database, deletions, inOrganization, type OrganizationTx } from '@cratersync/db';
import type { Log, Signer } from '@cratersync/infra/runtime';
import type { OrganizationId, RecordingId } from '@cratersync/signaling/protocol';
import { objectKeys } from '../format/index.ts';
import type { KeyContext, Keys } from '../keys/index.ts';
import type { ObjectStore } from '../store/index.ts';
import { countBelow, deleteBelow, expectNoKey } from './absence.ts';
import { type Erasure, receiptOf } from './receipt.ts';

/** How long the clock has to say that it is time before anything is erased. */
export const CONFIRM_MS = 10 * 60_000;

export interface EraseOptions {
  db: Database;
  keys: Keys;
  store: ObjectStore;
  signer: Signer;
  log: Log;
  confirmMs?: number;
}

/** What the job is about. */
export interface Place {
  organizationId: OrganizationId;
  recordingId: RecordingId;
}

/**
 * Erases a recording whose time to be brought back is over: first its key, which makes every copy of it unreadable, then its
 * objects, then what is known of its stems; and signs a receipt. Each step is noted, and none harms when it is done again,
 * so a job that was killed goes on, and ends with the same receipt.
 * @returns null when there is nothing (more) to do; a number: to be tried again in so many ms
 */
export async function eraseRecording(options: EraseOptions, place: Place): Promise<number | null> {
  const { db, keys, confirmMs = CONFIRM_MS, log } = options;
  const { organizationId, recordingId } = place;
  const scoped = <T>(work: (tx: OrganizationTx) => Promise<T>) => inOrganization(db, organizationId, work);
  const begun = await scoped(tx => deletions.begin(tx, recordingId, confirmMs));
  if (begun === 'gone') return null;
  if (begun !== 'begun') return begun;
  const before = await scoped(tx => deletions.byId(tx, recordingId));
  if (before === null || before.finishedAt !== null) return null;
  await keys.destroySessionKey(recordingId);
  await scoped(tx => deletions.keyDestroyed(tx, recordingId));
  const prefix = objectKeys.recordingPrefix(recordingId);
  await scoped(async tx => deletions.counted(tx, recordingId, await countBelow(options.store, prefix)));
  await deleteBelow(options.store, prefix);
  await proveAbsence(options, { ...place, sessionId: before.sessionId });
  await scoped(tx => writeReceipt(tx, options.signer, recordingId));
  log.info({ organizationId, recordingId }, 'erased a recording');
  return null;
}

/** @throws Error when something is still there: the job is run again */
async function proveAbsence(
  { keys, store }: EraseOptions,
  { recordingId, ...context }: Place & KeyContext,
): Promise<void> {
  const left = await countBelow(store, objectKeys.recordingPrefix(recordingId));
  if (left > 0) throw new Error(`${left} objects of an erased recording are still in the store`);
  await expectNoKey(keys, context, recordingId);
}

/** In one transaction: that it is finished, its receipt, and the entry in the audit log. */
async function writeReceipt(tx: OrganizationTx, signer: Signer, recordingId: RecordingId) {
  const row = await deletions.byId(tx, recordingId);
  if (row?.keyDestroyedAt == null || row.objects === null)
    throw new Error('a receipt is wanted before anything was erased');
  const finishedAt = new Date();
  const { organizationId } = tx.scope;
  const done: Erasure = {
    ...{ what: 'recording', organizationId, sessionId: row.sessionId, recordingId, keyId: recordingId },
    requestedAt: row.requestedAt.toISOString(),
    keyDestroyedAt: row.keyDestroyedAt.toISOString(),
    finishedAt: finishedAt.toISOString(),
    objects: row.objects,
    absent: { key: true, objects: true },
  };
  if (!(await deletions.finish(tx, recordingId, { finishedAt, receipt: receiptOf(done, signer) }))) return;
  await audit.append(tx, {
    ...audit.nobody,
    action: 'recording.erased',
    target: { kind: 'recording', id: recordingId },
    details: { objects: row.objects },
  });
}
