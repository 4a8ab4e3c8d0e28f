import { accounts, type Database, unscoped } from '@cratersync/db';
import type { Log } from '@cratersync/infra/runtime';
import { isRefused, messageOf, type Post } from '@cratersync/signaling/mail';
import { accountId, letter, organizationId } from '@cratersync/signaling/protocol';
import { z } from 'zod';

/** Queued in the scope of an organization, or of the account itself. */
const letterJob = z.strictObject({
  organizationId: organizationId.optional(),
  accountId: accountId.optional(),
  to: accountId,
  letter,
});

export interface LetterOptions {
  db: Database;
  post: Post;
  log: Log;
}

/**
 * Writes a letter and hands it to the mail server. What the server did not take is thrown, so that the queue tries again: for
 * some three days. What it will never take is only noted.
 * @param id of the job: the same letter sent twice has one Message-ID
 */
export async function sendLetter(
  { db, post, log }: LetterOptions,
  payload: unknown,
  id: string,
): Promise<void> {
  const job = letterJob.parse(payload);
  const reader = await unscoped(db, tx => accounts.byId(tx, job.to));
  if (reader === null) return;
  try {
    await post.send(reader.email, messageOf(reader, job.letter), `letter-${id}`);
  } catch (error) {
    if (!isRefused(error)) throw error;
    log.warn({ err: error, to: job.to, kind: job.letter.kind }, 'the mail server refuses a letter');
  }
}
