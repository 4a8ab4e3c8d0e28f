import { parseArgs } from 'node:util';
import { KeysUnavailable, keysShape, openLocalProvider } from '@cratersync/recorder/keys';
import { censusOf, organizationsIn, type Rotated, rotateOrganizations } from '@cratersync/recorder/rotation';
import { organizationId as organizationIdSchema } from '@cratersync/signaling/protocol';
import { readConfig } from '../runtime/index.ts';
import { type Command, exitCodes, type Io, UsageError } from './command.ts';
import { openAppDatabase } from './database.ts';
import { rotateNamedSecret, secrets } from './secrets.ts';
import { openExistingKeys } from './stored.ts';

export const keys: Command = {
  name: 'keys',
  summary: 'status, rotate …: see by what recordings are locked, and change keys and secrets',
  usage: `Usage: npx cratersync keys status [--json]
       npx cratersync keys rotate organization (ORGANIZATION | --all) [--json]
       npx cratersync keys rotate master
       npx cratersync keys rotate (node | code-pepper | sealing) [--finish]

status counts the session keys by what locks them. Nothing is opened.

rotate organization gives the organization's key a new version, locks its session keys by that, and destroys the older
version when nothing needs it. No media is touched, everything may run meanwhile and opens at any time. Broken off at
any point, the same command goes on. With KEY_PROVIDER=aws-kms session keys move to AWS_KMS_KEY_ID; the key itself is
rotated by AWS.

rotate master (KEY_PROVIDER=local) replaces the master key. Everything may run meanwhile; the same command goes on where
one was broken off. Back up the new one.

rotate node, code-pepper, sealing makes another secret in DATA_DIR/secrets; the one before is still taken until --finish.
Sign-ins, links and API tokens are random and only their hashes are kept: there is no secret behind them to rotate.

  --all    every organization that has a key
  --json   an array of {organizationId, version, rewrapped, needingOlder, failure}, or of {organizationId, lockedBy, count}

Ends with 0 when it is done, 1 when something is left to do, 2 for wrong usage or configuration, 3 when keys or database
are out of reach.`,
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        all: { type: 'boolean', default: false },
        finish: { type: 'boolean', default: false },
        json: { type: 'boolean', default: false },
      },
    });
    const [verb, what = '', which, ...more] = positionals;
    if (verb === 'status' && what === '') return status(values.json, io);
    if (verb !== 'rotate' || more.length > 0)
      throw new UsageError('What about the keys? status, or rotate …');
    if (what === 'organization') return rotate(which, values, io);
    if (which === undefined && what === 'master') return rotateMaster(io);
    if (which === undefined && what in secrets) return rotateNamedSecret(what, values.finish, io);
    throw new UsageError('What is to be rotated? organization, master, node, code-pepper or sealing.');
  },
};

async function status(isJson: boolean, io: Io): Promise<number> {
  const counted = (await censusOf(await openExistingKeys(io.env))).sort((a, b) =>
    a.lockedBy.localeCompare(b.lockedBy),
  );
  if (isJson) io.print(JSON.stringify(counted));
  else if (counted.length === 0) io.print('There are no session keys.');
  else
    for (const { organizationId, lockedBy, count } of counted)
      io.print(
        `${String(count).padStart(8)}  ${lockedBy}  (organization ${organizationId ?? 'not named: rotate it once'})`,
      );
  return exitCodes.holds;
}

async function rotate(which: string | undefined, { all, json }: { all: boolean; json: boolean }, io: Io) {
  const id = organizationIdSchema.safeParse(which);
  if (all ? which !== undefined : !id.success)
    throw new UsageError(
      'Whose key? Give the organization’s id, as its page of settings shows it, or --all.',
    );
  const store = await openExistingKeys(io.env);
  const db = await openAppDatabase(io.env);
  try {
    const onProgress = ({ organizationId, done, of }: { organizationId: string; done: number; of: number }) =>
      io.progress(`session keys of ${organizationId}`, done, of);
    const ids = id.success ? [id.data] : await organizationsIn(store);
    const rotated = await rotateOrganizations({ db, keys: store, onProgress }, ids);
    if (json) io.print(JSON.stringify(rotated));
    else for (const one of rotated) tell(one, io);
    if (rotated.some(({ failure }) => failure !== null)) return exitCodes.unknown;
    return rotated.some(({ needingOlder }) => needingOlder > 0) ? exitCodes.doesNotHold : exitCodes.holds;
  } finally {
    await db.close();
  }
}

function tell({ organizationId, version, rewrapped, needingOlder, failure }: Rotated, io: Io): void {
  const whose = `Organization ${organizationId}`;
  if (failure !== null) {
    io.complain(`${whose}: NOT FINISHED. ${failure} Then run the same command again.`);
    return;
  }
  const locked = `${rewrapped} session keys locked anew`;
  io.print(version === null ? `${whose}: ${locked}` : `${whose}: version ${version}, ${locked}`);
  if (needingOlder > 0)
    io.print(
      `  The older version is kept: ${needingOlder} session keys need it, of recordings that are unknown in this ` +
        'organization. Bring them back with cratersync recover, or rotate --all; then rotate again.',
    );
}

async function rotateMaster(io: Io): Promise<number> {
  const provider = await openLocalProvider(readConfig(keysShape, io.env));
  if (provider === null)
    throw new KeysUnavailable('No master key is in use here: organizations’ keys are kept by KEY_PROVIDER.');
  await provider.rotateMaster((done, of) => io.progress('organizations', done, of));
  io.print('There is a new master key, and the old one opens nothing any more. Back up the new one.');
  return exitCodes.holds;
}
