import { type Database, deadLetters, unscoped } from '@cratersync/db';
import type { Log } from '@cratersync/infra/runtime';
import type { Post } from '@cratersync/signaling/mail';
import type { TaskList } from 'graphile-worker';
import { forgetOldMail } from './letter-metrics.ts';
import { Pace } from './pace.ts';
import { sendLetter } from './send-letter.ts';

export { letterMetrics } from './letter-metrics.ts';

export interface LetterTools {
  db: Database;
  post: Post;
  log: Log;
  /** To one address. */
  lettersPerHour: number;
}

export function letterJobs({ lettersPerHour, ...tools }: LetterTools): TaskList {
  const pace = new Pace({ perHour: lettersPerHour });
  return {
    'send-letter': (_payload, { job }) => sendLetter({ ...tools, pace }, job),
    'forget-old-mail': () => forgetOldMail(tools.db),
  };
}

/** Letters that no address is to blame for: somebody has to look at them. */
export const givenUpLetters = async (db: Database): Promise<number> =>
  (await unscoped(db, deadLetters.counts))
    .filter(({ reason }) => reason === 'used-up' || reason === 'refused')
    .reduce((sum, { letters }) => sum + letters, 0);
