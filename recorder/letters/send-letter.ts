import {
  accounts,
  type Database,
  deadLetters,
  letters,
  unreachableAddresses,
  unscoped,
} from '@cratersync/db';
import type { Log } from '@cratersync/infra/runtime';
import { isEssential, masked, messageOf, type Post, verdictOn, wordsOf } from '@cratersync/signaling/mail';
import { accountId, letter, organizationId } from '@cratersync/signaling/protocol';
import type { Job } from 'graphile-worker';
import { z } from 'zod';
import type { Pace } from './pace.ts';

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
  pace: Pace;
  log: Log;
}

type LetterJob = Pick<Job, 'id' | 'payload' | 'attempts' | 'max_attempts' | 'created_at'>;

/**
 * Writes a letter and hands it to the mail server. What the server did not take is thrown, so that the queue tries again: for
 * some three days. What is given up is kept among the dead letters.
 */
export async function sendLetter(options: LetterOptions, queued: LetterJob): Promise<void> {
  const { db, post, pace } = options;
  const job = letterJob.parse(queued.payload);
  const reader = await unscoped(db, tx => accounts.byId(tx, job.to));
  if (reader === null) return;
  const { email } = reader;
  const known = isEssential(job.letter) ? null : await unscoped(db, tx => unreachableAddresses.of(tx, email));
  if (known !== null) return giveUp(options, queued, { email, reason: 'held-back', words: known.words });
  const waitMs = pace.waitMs(email);
  if (waitMs > 0) return putOff(options, queued, waitMs);
  try {
    const sending = { id: `letter-${queued.id}`, at: new Date(queued.created_at) };
    await post.send(email, messageOf(reader, job.letter), sending);
    pace.took();
  } catch (error) {
    await notTaken(options, queued, { email, error });
  }
}

async function notTaken(
  options: LetterOptions,
  queued: LetterJob,
  { email, error }: { email: string; error: unknown },
): Promise<void> {
  const words = wordsOf(error);
  const verdict = verdictOn(error);
  switch (verdict) {
    case 'throttled':
      return putOff(options, queued, options.pace.rest());
    case 'unreached':
      if (queued.attempts < queued.max_attempts) throw error;
      return giveUp(options, queued, { email, reason: 'used-up', words, error });
    case 'bounced':
    case 'refused':
      return giveUp(options, queued, { email, reason: verdict, words, error });
  }
}

/** Not all at the same moment: what has waited together would be too much again. */
const putOff = ({ db }: LetterOptions, { payload }: LetterJob, waitMs: number): Promise<void> =>
  unscoped(db, tx => letters.putOff(tx, payload, waitMs * (1 + Math.random() / 4)));

async function giveUp(
  { db, log }: LetterOptions,
  { id: letterId, payload, attempts }: LetterJob,
  gone: { email: string; reason: deadLetters.Reason; words: string; error?: unknown },
): Promise<void> {
  const { email, reason, words, error } = gone;
  await unscoped(db, async tx => {
    if (reason === 'bounced') await unreachableAddresses.mark(tx, { email, words });
    const dead = { letterId, job: payload, address: masked(email), reason, words };
    // One that was held back was not tried this time.
    await deadLetters.keep(tx, { ...dead, attempts: reason === 'held-back' ? attempts - 1 : attempts });
  });
  const { to, letter } = letterJob.parse(payload);
  log.warn({ err: error, letterId, to, kind: letter.kind, reason }, saying[reason]);
}

const saying: Record<deadLetters.Reason, string> = {
  'used-up': 'a letter was given up',
  refused: 'the mail server refuses a letter',
  bounced: 'the mail server refuses a letter: nothing arrives at its address',
  'held-back': 'a letter is held back: nothing arrives at its address',
};
