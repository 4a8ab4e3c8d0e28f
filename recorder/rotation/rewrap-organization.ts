import { customerKeys, type Database, inOrganization, type OrganizationTx, recordings } from '@cratersync/db';
import { type CustomerKey, errors, type OrganizationId } from '@cratersync/signaling/protocol';
import { KeysUnavailable, type SessionKeys, type Target } from '../keys/index.ts';

/** The lock lasts for as long as the connection does, which is asked after each page. */
const PAGE = 64;
/** What waits for a disk or for a service, not for us. */
const AT_ONCE = 8;
/** After so many that failed, the rest would fail, too. */
const MOST_FAILURES = 8;

export interface RewrapOptions {
  db: Database;
  keys: SessionKeys;
  /** Called for every session key. */
  onProgress?: (progress: Progress) => void | Promise<void>;
}

export interface Progress {
  organizationId: OrganizationId;
  done: number;
  of: number;
}

export interface Rewrapped {
  /** How many were locked by something else. */
  rewrapped: number;
  /** How many are there. */
  done: number;
}

/**
 * Has only this process change by what the organization's session keys are locked, for as long as `work` goes on.
 * @throws `conflict` when another one does
 */
export const alone = <T>(
  { db }: Pick<RewrapOptions, 'db'>,
  organizationId: OrganizationId,
  work: (tx: OrganizationTx, customerKey: CustomerKey | null) => Promise<T>,
): Promise<T> =>
  inOrganization(db, organizationId, async tx => {
    if (!(await customerKeys.lock(tx)))
      throw errors.conflict('The keys of this organization are being changed already. Wait for that to end.');
    return work(tx, await customerKeys.inUse(tx));
  });

/**
 * Locks every session key of the organization by what it is to be locked by; those that are so already are only read. A
 * run that was killed is gone on with by another one, from the beginning.
 * @param tx of `alone`
 * @throws KeysUnavailable when some could not be; all others are done
 */
export async function rewrapAll(
  { keys, onProgress }: RewrapOptions,
  tx: OrganizationTx,
  target: Target,
): Promise<Rewrapped> {
  const { organizationId } = tx.scope;
  const of = await recordings.countEver(tx);
  const result = { rewrapped: 0, done: 0 };
  const failures: KeysUnavailable[] = [];
  let seen = 0;
  const one = async ({ recordingId, sessionId }: recordings.KeyedRecording) => {
    if (failures.length >= MOST_FAILURES) return;
    try {
      const outcome = await keys.rewrap({ organizationId, sessionId }, recordingId, target);
      if (outcome === 'rewrapped') result.rewrapped += 1;
      if (outcome !== 'gone') result.done += 1;
    } catch (error) {
      if (!(error instanceof KeysUnavailable)) throw error;
      failures.push(error);
    }
    seen += 1;
    await onProgress?.({ organizationId, done: seen, of });
  };
  for await (const page of pages(tx)) await inLanes(page, one);
  const [failure] = failures;
  if (failure !== undefined) throw failure;
  return result;
}

async function* pages(tx: OrganizationTx): AsyncGenerator<recordings.KeyedRecording[]> {
  for (let last: recordings.KeyedRecording | undefined; ; ) {
    const page = await recordings.everAfter(tx, last?.recordingId ?? null, PAGE);
    last = page.at(-1);
    if (last === undefined) return;
    yield page;
  }
}

/** @throws what one of them throws, when all have ended */
async function inLanes<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const waiting = items.values();
  const lane = async () => {
    for (const item of waiting) await work(item);
  };
  const ended = await Promise.allSettled(Array.from({ length: AT_ONCE }, lane));
  const failed = ended.find(each => each.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}
