import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { type Erasure, openReceipt } from '@cratersync/recorder/erasure';
import { type Command, exitCodes, type Io, UsageError } from './command.ts';

export const receipt: Command = {
  name: 'receipt',
  summary: 'verify FILE --key KEY: see whether the receipt of an erasure is genuine',
  usage: `Usage: npx cratersync receipt verify FILE --key KEY [--json]

Says what was erased and when, if the receipt was signed by the installation with that public key and not altered since.
Needs no server and no database.

  --key    the installation's public key, as its page of deleted recordings shows it
  --json   one object {holds, erasure}, or {holds, reason}

Ends with 0 when it is genuine, 1 when it is not, 2 for wrong usage or a file that cannot be read.`,
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { key: { type: 'string' }, json: { type: 'boolean', default: false } },
    });
    const [verb, file] = positionals;
    if (verb !== 'verify' || file === undefined || positionals.length !== 2)
      throw new UsageError('Which receipt? Give the file that was downloaded.');
    if (values.key === undefined) throw new UsageError('Whose receipt? Give the public key with --key.');
    const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      throw new UsageError(`${file} cannot be read (${error.code ?? error.message}).`);
    });
    return check(text, values.key, values.json, io);
  },
};

function check(text: string, publicKey: string, asJson: boolean, io: Io): number {
  try {
    const erasure = openReceipt(text, publicKey);
    io.print(asJson ? JSON.stringify({ holds: true, erasure }) : `Genuine. ${sentenceOf(erasure)}`);
    return exitCodes.holds;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    io.print(asJson ? JSON.stringify({ holds: false, reason }) : `NOT GENUINE: ${reason}.`);
    return exitCodes.doesNotHold;
  }
}

const outcomes = {
  destroyed: 'was destroyed',
  scheduled: 'opens nothing any more, and is deleted by its provider within days',
  shared: 'is not its alone and stays; all its session keys were destroyed one by one',
};

function sentenceOf(erasure: Erasure): string {
  const { organizationId, objects, finishedAt } = erasure;
  switch (erasure.what) {
    case 'recording':
      return (
        `Recording ${erasure.recordingId} of organization ${organizationId}: its key was destroyed at ${erasure.keyDestroyedAt}, ` +
        `and its ${objects} objects were gone at ${finishedAt}.`
      );
    case 'organization': {
      const keys = erasure.keys.map(
        ({ provider, keyId, outcome }) => `Its ${provider} key ${keyId} ${outcomes[outcome]}.`,
      );
      return (
        `Organization ${organizationId}: its keys were destroyed at ${erasure.keysDestroyedAt}, and the ${objects} objects of its ` +
        `${erasure.recordings} recordings, and its rows in the database, were gone at ${finishedAt}. ${keys.join(' ')}`
      ).trimEnd();
    }
  }
}
