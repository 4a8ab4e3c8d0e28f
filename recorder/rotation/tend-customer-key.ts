import { randomUUID } from 'node:crypto';
import { audit, customerKeys, type Database, inOrganization, type OrganizationTx } from '@cratersync/db';
import type { Log } from '@cratersync/infra/runtime';
import { AppError, type OrganizationId, sessionId } from '@cratersync/signaling/protocol';
import { KeysUnavailable, type SessionKeys } from '../keys/index.ts';
import { alone, rewrapAll } from './rewrap-organization.ts';

/** A recording that was about to begin when the key changed has its session key by then. */
const SETTLE_MS = 2 * 60_000;
/** What failed is tried again; what works is looked at. */
const AGAIN_MS = 60_000;
const LOOK_MS = 10 * 60_000;
/** How seldom progress is written down. */
const KEYS_A_NOTE = 50;

export interface TendOptions {
  db: Database;
  keys: SessionKeys;
  log: Log;
  settleMs?: number;
}

type State = customerKeys.CustomerKeyState;

/**
 * Does what there is to do about an organization's own key: tries one that was entered, and uses it if it holds; locks by
 * what is in use what is not; looks whether it still lets us. Killed at any step, it is done again, and goes on. Has itself
 * called again for as long as there is something to look after.
 */
export async function tendCustomerKey(options: TendOptions, organizationId: OrganizationId): Promise<void> {
  const scoped = <T>(work: (tx: OrganizationTx) => Promise<T>) =>
    inOrganization(options.db, organizationId, work);
  const found = await scoped(customerKeys.state);
  if (found === null) return;
  if (found.wanted !== null && found.refused === null) await tryWanted(options, organizationId, found.wanted);
  const state = await scoped(customerKeys.state);
  const inMs = state === null ? null : await lookAfter(options, organizationId, state);
  await scoped(async tx => {
    // What somebody has entered meanwhile does not wait.
    const now = await customerKeys.hold(tx);
    const isNew =
      now !== null &&
      (now.changedAt.getTime() !== state?.changedAt.getTime() ||
        (now.wanted !== null && now.refused === null));
    if (isNew) await customerKeys.tend(tx);
    else if (inMs !== null) await customerKeys.tend(tx, inMs);
  });
}

async function tryWanted(
  { db, keys, log }: TendOptions,
  organizationId: OrganizationId,
  wanted: NonNullable<State['wanted']>,
): Promise<void> {
  const trial = { organizationId, sessionId: sessionId.parse(randomUUID()) };
  const refused = await keys.check(trial, wanted).then(
    () => null,
    (error: unknown) => {
      if (error instanceof KeysUnavailable) return error.message;
      throw error;
    },
  );
  await inOrganization(db, organizationId, async tx => {
    if (!(await customerKeys.tried(tx, wanted, refused)) || refused !== null) return;
    await audit.append(tx, {
      ...audit.nobody,
      action: 'key.taken-up',
      target: { kind: 'organization', id: organizationId },
      details: { keyArn: wanted.keyArn },
    });
  });
  log.info({ organizationId, ...wanted, refused }, 'tried a key that an organization has brought');
}

/** @returns in how many ms it is to be looked at again; null: not until something changes */
async function lookAfter(
  options: TendOptions,
  organizationId: OrganizationId,
  state: State,
): Promise<number | null> {
  const { db, keys, log, settleMs = SETTLE_MS } = options;
  try {
    if (state.finishedAt === null) {
      const isDone = await rewrap(options, organizationId, state);
      await inOrganization(db, organizationId, tx => customerKeys.setTrouble(tx, null));
      return isDone ? (state.inUse === null ? null : LOOK_MS) : settleMs;
    }
    if (state.inUse === null) return null;
    await keys.check({ organizationId, sessionId: sessionId.parse(randomUUID()) }, state.inUse);
    await inOrganization(db, organizationId, tx => customerKeys.setTrouble(tx, null));
    return LOOK_MS;
  } catch (error) {
    // Another process is at it.
    if (error instanceof AppError && error.code === 'conflict') return AGAIN_MS;
    if (!(error instanceof KeysUnavailable)) throw error;
    log.warn({ err: error, organizationId }, 'a key that an organization has brought, or had, refuses');
    await inOrganization(db, organizationId, tx => customerKeys.setTrouble(tx, error.message));
    return AGAIN_MS;
  }
}

/** @returns whether all are locked so, and none can come any more that is not */
function rewrap(
  { db, keys, settleMs = SETTLE_MS }: TendOptions,
  organizationId: OrganizationId,
  { changedAt, inUse }: State,
): Promise<boolean> {
  const begunMs = Date.now();
  const note = (done: number, total: number, finished: boolean) =>
    inOrganization(db, organizationId, tx =>
      customerKeys.progressed(tx, changedAt, { done, total, finished }),
    );
  return alone({ db }, organizationId, async (tx, customerKey) => {
    // Changed since it was read: that is for the next time.
    if (JSON.stringify(customerKey) !== JSON.stringify(inUse)) return false;
    const target = await keys.target(organizationId, inUse);
    let total = 0;
    const onProgress = async ({ done, of }: { done: number; of: number }) => {
      total = of;
      if (done % KEYS_A_NOTE === 0) await note(done, of, false);
    };
    const { rewrapped } = await rewrapAll({ db, keys, onProgress }, tx, target);
    const isDone = rewrapped === 0 && begunMs - changedAt.getTime() >= settleMs;
    await note(total, total, isDone);
    return isDone;
  });
}
