import { randomBytes } from 'node:crypto';
import { enqueue, exports, letters } from '@cratersync/db';
import { type Log, Sealer, UnsealError } from '@cratersync/infra/runtime';
import { exportId as exportIdSchema } from '@cratersync/signaling/protocol';
import { ObjectMissing } from '../store/index.ts';
import { beginAge, payloadKey } from './age.ts';
import { auditOfExport } from './audit.ts';
import { NotYet } from './contents.ts';
import { contentsOf } from './contents-of.ts';
import { exportKeys, turnOf } from './parts.ts';
import { type ExportPlace, inScopeOf } from './place.ts';
import { keepPlan, readPlan } from './plan.ts';
import type { ContentSources } from './recording-files.ts';
import { type BegunSecret, openSecret, sealSecret } from './secret.ts';
import { troubleOf } from './trouble.ts';
import { OutOfTurn, Writing } from './writing.ts';

/** How long an export lies ready. */
const LIFETIME_MS = 7 * 24 * 3_600_000;
/** When what is still being rendered is looked for again. */
const AGAIN_MS = 30_000;

export interface ExportOptions extends ContentSources {
  /** By SEALING_KEY. */
  sealer: Sealer;
  log: Log;
}

export interface Attempt {
  /** Aborted when the worker is told to stop. */
  signal: AbortSignal;
  /** The queue gives up after this attempt. */
  lastAttempt: boolean;
}

/**
 * Writes an export into the store, from where the last worker was. Whoever begins takes the turn from whoever wrote before,
 * so two never write one.
 * @returns null when there is nothing (more) to do; a number: to be tried again in so many ms
 * @throws what another attempt may mend
 */
export async function writeExport(
  options: ExportOptions,
  place: ExportPlace,
  attempt: Attempt,
): Promise<number | null> {
  const { db, log } = options;
  const { exportId } = place;
  const row = await inScopeOf(db, place, tx => exports.begin(tx, exportId));
  if (row === null) {
    await tidy(options, place);
    return null;
  }
  const turn = { exportId, turn: row.beganAt.length };
  try {
    await write(options, place, row, attempt.signal);
    await tidy(options, place);
    return null;
  } catch (error) {
    if (attempt.signal.aborted) throw error;
    if (error instanceof OutOfTurn) {
      await tidy(options, place);
      return null;
    }
    const note = troubleOf(error);
    const isHopeless = error instanceof UnsealError || (attempt.lastAttempt && !(error instanceof NotYet));
    log[error instanceof NotYet ? 'info' : 'error']({ err: error, exportId }, 'an export does not get on');
    if (isHopeless) {
      await inScopeOf(db, place, async tx => {
        if (await exports.fail(tx, exportId, note)) await auditOfExport(tx, exportId, 'export.failed');
      });
      await tidy(options, place);
      return null;
    }
    await inScopeOf(db, place, tx => exports.setNote(tx, turn, note));
    if (error instanceof NotYet) return AGAIN_MS;
    throw error;
  }
}

async function write(
  options: ExportOptions,
  place: ExportPlace,
  begun: exports.Export,
  signal: AbortSignal,
): Promise<void> {
  const { db, store, keys } = options;
  const { exportId } = place;
  const turn = { exportId, turn: begun.beganAt.length };
  const { row, secret } = await prepare(options, place, begun);
  const { head } = row;
  if (head === null) throw new Error('an export without a head');
  const sealer = new Sealer(secret.fileKey.toString('hex'));
  const plan = await readPlan(store, sealer, exportId, secret.planTurn).catch((error: unknown) => {
    if (error instanceof ObjectMissing && 'accountId' in place && options.region !== undefined)
      throw new NotYet('It was begun in another region, and goes on there.');
    throw error;
  });
  const writing = new Writing({
    ...{ store, keys, sealer, signal, plan, exportId, row, turn: turn.turn },
    key: payloadKey(secret.fileKey, head),
    contents: contentsOf(options, place, row, secret.wrappingKey),
    stored: (bytes, doneSteps) => inScopeOf(db, place, tx => exports.stored(tx, turn, { bytes, doneSteps })),
    progress: doneSteps => inScopeOf(db, place, tx => exports.setProgress(tx, turn, doneSteps)),
  });
  const { bytes, leftOut } = await writing.run();
  await inScopeOf(db, place, async tx => {
    const done = { bytes, leftOut, lifetimeMs: LIFETIME_MS };
    if (!(await exports.finish(tx, turn, done))) throw new OutOfTurn();
    await enqueue(tx, 'expire-export', { exportId }, { key: exportId, inMs: LIFETIME_MS });
    await auditOfExport(tx, exportId, 'export.finished', { bytes: row.bytes + bytes, leftOut });
    const expiresAt = new Date(Date.now() + LIFETIME_MS);
    await letters.queue(
      tx,
      row.orderedBy,
      { kind: 'export-ready', url: secret.page, expiresAt },
      { key: exportId },
    );
  });
}

/** Makes the head and the plan when nobody has, and forgets the passphrase. */
async function prepare(
  options: ExportOptions,
  place: ExportPlace,
  row: exports.Export,
): Promise<{ row: exports.Export; secret: BegunSecret }> {
  if (row.secret === null) throw new Error('an export without its secret');
  const known = openSecret(options.sealer, place, row.secret);
  if ('fileKey' in known) return { row, secret: known };
  const { head, fileKey } = await beginAge(known.lock);
  const planTurn = row.beganAt.length;
  const secret = { fileKey, wrappingKey: randomBytes(32), planTurn, page: known.page };
  const plan = await contentsOf(options, place, row, secret.wrappingKey).plan();
  await keepPlan(options.store, new Sealer(fileKey.toString('hex')), place.exportId, planTurn, plan);
  const ready = { head, secret: sealSecret(options.sealer, place, secret), allSteps: plan.length };
  const turn = { exportId: place.exportId, turn: planTurn };
  const isMine = await inScopeOf(options.db, place, tx => exports.prepared(tx, turn, ready));
  if (!isMine) throw new OutOfTurn();
  return { row: { ...row, head, bytes: head.length, allSteps: plan.length }, secret };
}

/** Deletes what is of no use any more: of a whole export all but its parts, of one that is over all of it. */
export async function tidy(
  { db, store }: Pick<ExportOptions, 'db' | 'store'>,
  place: ExportPlace,
): Promise<void> {
  const exportId = exportIdSchema.parse(place.exportId);
  const row = await inScopeOf(db, place, tx => exports.byId(tx, exportId));
  if (row?.state === 'waiting' || row?.state === 'running') return;
  const kept = new Set<string>();
  if (row?.state === 'ready')
    for (let part = 0; part < row.parts; part += 1)
      kept.add(exportKeys.part(exportId, part, turnOf(row.beganAt, part)));
  for await (const key of store.traces(exportKeys.prefix(exportId)))
    if (!kept.has(key)) await store.delete(key);
}
