import { asAccount, type Database, letters, notices, unscoped } from '@cratersync/db';
import type { Log } from '@cratersync/infra/runtime';

const BATCH = 100;

/**
 * Has every owner of an organization written to of each notice, once: in the order of their accounts, a transaction each, so
 * that a worker that was killed goes on behind the last one. Who becomes an owner later finds it on the pages.
 */
export async function announceNotices({ db, log }: { db: Database; log: Log }): Promise<void> {
  for (const notice of await unscoped(db, tx => notices.toMail(tx))) {
    const { noticeId, kind, version, effectiveAt, texts } = notice;
    const next = () => unscoped(db, tx => notices.nextReaders(tx, noticeId, BATCH));
    let told = 0;
    for (let readers = await next(); readers.length > 0; readers = await next())
      for (const reader of readers)
        await asAccount(db, reader, async tx => {
          if (!(await notices.takeReader(tx, noticeId))) return;
          await letters.queue(tx, reader, { kind: 'notice', effectiveAt, texts });
          told += 1;
        });
    await unscoped(db, tx => notices.mailed(tx, noticeId));
    log.info({ kind, version, told }, 'announced a notice to the owners');
  }
}
