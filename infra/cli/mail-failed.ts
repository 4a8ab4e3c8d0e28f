import { asAccount, type Database, deadLetters, inOrganization, unscoped } from '@cratersync/db';
import { exitCodes, type Io, UsageError } from './command.ts';
import { openOwnerDatabase } from './database.ts';

export async function listFailed(asJson: boolean, io: Io): Promise<number> {
  const found = await asOwner(io, db => unscoped(db, deadLetters.all));
  if (asJson) io.print(JSON.stringify(found));
  else if (found.length === 0) io.print('There are none.');
  else for (const each of found) io.print(line(each));
  return exitCodes.holds;
}

/** Sends letters anew, or forgets them: those with the ids that were given. */
export async function onFailed(
  verb: 'retry' | 'drop',
  which: readonly string[] | 'all',
  io: Io,
): Promise<number> {
  const given = which === 'all' ? null : idsIn(which);
  return asOwner(io, async db => {
    const ids = given ?? (await unscoped(db, deadLetters.all)).map(({ letterId }) => letterId);
    const missing: number[] = [];
    for (const id of ids) if (!(await (verb === 'retry' ? retry : drop)(db, id))) missing.push(id);
    const done = ids.length - missing.length;
    io.print(verb === 'retry' ? `${done} will be sent anew, while a worker runs.` : `${done} dropped.`);
    for (const id of missing) io.complain(`There is no letter ${id}: cratersync mail failed lists them.`);
    return missing.length === 0 ? exitCodes.holds : exitCodes.doesNotHold;
  });
}

function idsIn(given: readonly string[]): number[] {
  const ids = given.map(Number);
  if (ids.length === 0 || !ids.every(id => Number.isSafeInteger(id) && id > 0))
    throw new UsageError('Which letters? Give ids as “cratersync mail failed” shows them, or --all.');
  return ids;
}

async function retry(db: Database, id: number): Promise<boolean> {
  const scope = await unscoped(db, tx => deadLetters.scopeOf(tx, id));
  if (scope === null) return false;
  return 'organizationId' in scope
    ? inOrganization(db, scope.organizationId, tx => deadLetters.retry(tx, id))
    : asAccount(db, scope.accountId, tx => deadLetters.retry(tx, id));
}

const drop = (db: Database, id: number): Promise<boolean> => unscoped(db, tx => deadLetters.drop(tx, id));

const line = ({ letterId, kind, failedAt, address, attempts, reason, words }: deadLetters.DeadLetter) =>
  [
    String(letterId).padEnd(8),
    kind.padEnd(20),
    failedAt.toISOString().slice(0, 16).replace('T', ' '),
    address,
    attempts === 1 ? '1 attempt' : `${attempts} attempts`,
    `${reason}: ${words}`,
  ].join('  ');

async function asOwner<T>(io: Io, work: (db: Database) => Promise<T>): Promise<T> {
  const db = await openOwnerDatabase(io.env);
  try {
    return await work(db);
  } finally {
    await db.close();
  }
}
