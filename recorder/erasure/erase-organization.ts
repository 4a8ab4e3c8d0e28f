import {
  audit,
  enqueue,
  inOrganization,
  letters,
  type OrganizationTx,
  organizationDeletions,
  organizations,
  purge,
  recordings,
  subscriptions,
} from '@cratersync/db';
import type { Signer } from '@cratersync/infra/runtime';
import type { OrganizationId, RecordingId } from '@cratersync/signaling/protocol';
import { exportKeys } from '../exports/parts.ts';
import { objectKeys } from '../format/index.ts';
import { countBelow, deleteBelow, expectNoKey } from './absence.ts';
import { CONFIRM_MS, type EraseOptions } from './erase-recording.ts';
import { type OrganizationErasure, receiptOf } from './receipt.ts';

/** As many recordings are worked on at the same time: most of it is waiting for the store. */
const AT_ONCE = 8;
const PAGE = 200;

export interface EraseOrganizationOptions extends EraseOptions {
  /** The worker is told to stop: it goes on where it was when it is started again. */
  signal?: AbortSignal;
}

/**
 * Erases an organization whose time to be brought back is over: its key and every session key, its objects, and then all
 * that the database has of it, but for a receipt. Each step is noted, and none harms when it is done again, so a job that
 * was killed goes on, and ends with the same receipt.
 * @returns null when there is nothing (more) to do; a number: to be tried again in so many ms
 */
export async function eraseOrganization(
  options: EraseOrganizationOptions,
  organizationId: OrganizationId,
): Promise<number | null> {
  const { db, keys, confirmMs = CONFIRM_MS, log } = options;
  const scoped = <T>(work: (tx: OrganizationTx) => Promise<T>) => inOrganization(db, organizationId, work);
  const begun = await scoped(tx => organizationDeletions.begin(tx, confirmMs));
  if (begun === 'gone') return null;
  if (begun !== 'begun') return begun;
  const before = await scoped(tx => organizationDeletions.get(tx));
  if (before === null || before.finishedAt !== null) return null;
  if (before.keysDestroyedAt === null) await destroyKeys(options, organizationId);
  if (before.absentAt === null) {
    if (before.objects === null) await count(options, organizationId);
    await eachRecording(options, organizationId, async ({ recordingId }) => {
      await keys.destroySessionKey(recordingId);
      await deleteBelow(options.store, objectKeys.recordingPrefix(recordingId));
    });
    for (const prefix of await exportsOf(options, organizationId)) await deleteBelow(options.store, prefix);
    await proveAbsence(options, organizationId);
  }
  while (await scoped(tx => purge(tx, 'content'))) options.signal?.throwIfAborted();
  await scoped(tx => conclude(tx, options.signer));
  log.info({ organizationId }, 'erased an organization');
  return null;
}

/** Its own first: from then on no copy of the others opens. Where it has none, the others are what counts. */
async function destroyKeys(options: EraseOrganizationOptions, organizationId: OrganizationId) {
  const { db, keys } = options;
  const destroyed = await keys.destroyOrganizationKey(organizationId);
  await eachRecording(options, organizationId, ({ recordingId }) => keys.destroySessionKey(recordingId));
  await inOrganization(db, organizationId, tx => organizationDeletions.keysDestroyed(tx, destroyed));
}

async function count(options: EraseOrganizationOptions, organizationId: OrganizationId): Promise<void> {
  const found = { recordings: 0, objects: 0 };
  for (const prefix of await exportsOf(options, organizationId))
    found.objects += await countBelow(options.store, prefix);
  await eachRecording(options, organizationId, async ({ recordingId }) => {
    const objects = await countBelow(options.store, objectKeys.recordingPrefix(recordingId));
    found.recordings += 1;
    found.objects += objects;
  });
  await inOrganization(options.db, organizationId, tx => organizationDeletions.counted(tx, found));
}

/** @throws Error when something is still there: the job is run again */
async function proveAbsence(
  options: EraseOrganizationOptions,
  organizationId: OrganizationId,
): Promise<void> {
  const { db, store, keys } = options;
  let left = 0;
  for (const prefix of await exportsOf(options, organizationId)) left += await countBelow(store, prefix);
  await eachRecording(options, organizationId, async ({ recordingId, sessionId }) => {
    const ofRecording = await countBelow(store, objectKeys.recordingPrefix(recordingId));
    left += ofRecording;
    await expectNoKey(keys, { organizationId, sessionId }, recordingId);
  });
  if (left > 0) throw new Error(`${left} objects of an erased organization are still in the store`);
  await inOrganization(db, organizationId, async tx => {
    // Noted twice, it is one entry.
    if ((await organizationDeletions.seenAbsent(tx)) === 0) return;
    await audit.append(tx, {
      ...audit.nobody,
      action: 'organization.erased',
      target: { kind: 'organization', id: organizationId },
      details: {},
    });
  });
}

/**
 * In one transaction: that it is finished, its receipt, the letters to those who owned it, that nobody belongs to it, and that
 * nothing is paid for any more.
 */
async function conclude(tx: OrganizationTx, signer: Signer): Promise<void> {
  const row = await organizationDeletions.get(tx);
  if (row === null || row.finishedAt !== null) return;
  const finishedAt = new Date();
  const receipt = receiptOf(erasureOf(tx.scope.organizationId, row, finishedAt), signer);
  const name = await organizations.nameOf(tx);
  if (!(await organizationDeletions.finish(tx, { finishedAt, receipt }))) return;
  await letters.queueForOwners(tx, { kind: 'organization-erased', organizationName: name, receipt });
  const subscriptionId = (await subscriptions.current(tx))?.subscriptionId;
  if (subscriptionId != null) await enqueue(tx, 'end-subscription', { subscriptionId });
  while (await purge(tx, 'members'));
}

function erasureOf(
  organizationId: OrganizationId,
  row: organizationDeletions.OrganizationDeletion,
  finishedAt: Date,
): OrganizationErasure {
  const { requestedAt, keys, keysDestroyedAt, recordings, objects, absentAt } = row;
  if (
    keys === null ||
    keysDestroyedAt === null ||
    recordings === null ||
    objects === null ||
    absentAt === null
  )
    throw new Error('a receipt is wanted before everything was erased');
  return {
    ...{ what: 'organization', organizationId, keys, recordings, objects },
    requestedAt: requestedAt.toISOString(),
    keysDestroyedAt: keysDestroyedAt.toISOString(),
    finishedAt: finishedAt.toISOString(),
    absent: { sessionKeys: true, objects: true, rows: true },
  };
}

/** What it has in the store beside its recordings. */
const exportsOf = async (
  { db }: EraseOrganizationOptions,
  organizationId: OrganizationId,
): Promise<string[]> => {
  const ids = await inOrganization(db, organizationId, tx => organizationDeletions.exportIds(tx));
  return ids.map(exportKeys.prefix);
};

/** A few at a time, and a page of them in memory. */
async function eachRecording(
  { db, signal }: EraseOrganizationOptions,
  organizationId: OrganizationId,
  work: (recording: recordings.KeyedRecording) => Promise<void>,
): Promise<void> {
  for (let after: RecordingId | null = null; ; ) {
    const page: recordings.KeyedRecording[] = await inOrganization(db, organizationId, tx =>
      recordings.everAfter(tx, after, PAGE),
    );
    const waiting = page.values();
    const failed = new AbortController();
    const hands = Array.from({ length: AT_ONCE }, async () => {
      try {
        for (const recording of waiting) {
          signal?.throwIfAborted();
          failed.signal.throwIfAborted();
          await work(recording);
        }
      } catch (error) {
        failed.abort(error);
      }
    });
    // None goes on behind the back of a job that has failed.
    await Promise.all(hands);
    failed.signal.throwIfAborted();
    if (page.length < PAGE) return;
    after = page.at(-1)?.recordingId ?? null;
  }
}
