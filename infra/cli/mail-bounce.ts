import { unreachableAddresses, unscoped } from '@cratersync/db';
import { MAX_BOUNCE_BYTES, MessageIds, readBounce } from '@cratersync/signaling/mail';
import { AppError } from '@cratersync/signaling/protocol';
import { z } from 'zod';
import { readPrevious, readSecret, secretFiles } from '../dev/secrets.ts';
import { ConfigError, readConfig } from '../runtime/index.ts';
import { exitCodes, type Io } from './command.ts';
import { openAppDatabase } from './database.ts';

/** EX_TEMPFAIL of sysexits.h: a mail server keeps the message, and tries again. */
const TRY_AGAIN = 75;

const shape = {
  DATA_DIR: z.string().default('./.data'),
  SEALING_KEY: z.string().optional(),
  SEALING_KEY_PREVIOUS: z.string().optional(),
};

/** Takes in what a mail server returned. What is none of ours is let go: a returned message is never returned itself. */
export async function takeBounce(io: Io): Promise<number> {
  const ids = messageIds(io.env);
  const bounce = readBounce((await io.input(MAX_BOUNCE_BYTES)).toString('latin1'), ids);
  if ('none' in bounce) {
    io.print(`Nothing is noted: ${bounce.none}.`);
    return exitCodes.holds;
  }
  try {
    const db = await openAppDatabase(io.env);
    try {
      await unscoped(db, tx => unreachableAddresses.mark(tx, bounce));
    } finally {
      await db.close();
    }
  } catch (error) {
    if (!(error instanceof AppError) || !error.retryable) throw error;
    io.complain(error.message);
    return TRY_AGAIN;
  }
  io.print(`Noted: nothing arrives at its address (${bounce.words}).`);
  return exitCodes.holds;
}

function messageIds(env: NodeJS.ProcessEnv): MessageIds {
  const { DATA_DIR, SEALING_KEY, SEALING_KEY_PREVIOUS } = readConfig(shape, env);
  const file = secretFiles.SEALING_KEY;
  const key = SEALING_KEY ?? readSecret(DATA_DIR, file);
  if (key === undefined)
    throw new ConfigError([`SEALING_KEY is not set, and there is none in DATA_DIR (${DATA_DIR})`]);
  return new MessageIds(key, SEALING_KEY_PREVIOUS ?? readPrevious(DATA_DIR, file));
}
