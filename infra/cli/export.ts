import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { ExportRefused, type OpenedExport, openExport, type Unlock } from '@cratersync/recorder/exports/open';
import { type Command, exitCodes, type Io, UsageError } from './command.ts';

const MEBIBYTE = 2 ** 20;

export const exportCommand: Command = {
  name: 'export',
  summary: 'open FILE: decrypt an export, check all of it, and put it into a folder',
  usage: `Usage: npx cratersync export open FILE [--identity FILE] [--to DIR] [--json]

Decrypts what was downloaded, holds every file against its manifest, recordings against their Merkle roots and the audit log
against its chain, and puts it all into a new folder. The folder is there only if everything held. Needs no server and no
database; the programs age and tar open the file, too.

  --identity   a file with the key (AGE-SECRET-KEY-…) that it was made for; without, a passphrase is asked for, or taken from
               CRATERSYNC_EXPORT_PASSPHRASE
  --to         the folder; it must not be there yet (default: the file's name without .tar.age, here)
  --json       one object {holds, folder, files, bytes, recordings, auditEntries, leftOut, dropped}, or {holds, reason}

Ends with 0 when everything holds, 1 when it does not or does not open, 2 for wrong usage or a file that cannot be read, 3 when
the folder cannot be written.`,
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        identity: { type: 'string' },
        to: { type: 'string' },
        json: { type: 'boolean', default: false },
      },
    });
    const [verb, file] = positionals;
    if (verb !== 'open' || file === undefined || positionals.length !== 2)
      throw new UsageError('Which export? Give the file that was downloaded.');
    const to = values.to ?? basename(file).replace(/(\.tar)?\.age$/, '');
    if (to === file) throw new UsageError('Where to? Give a folder with --to.');
    const unlock = await unlockBy(values.identity, io);
    try {
      const onBytes = (bytes: number) => io.progress('MiB', Math.floor(bytes / MEBIBYTE), null);
      const opened = await openExport(file, unlock, { to, onBytes });
      if (values.json) io.print(JSON.stringify({ holds: true, ...opened }));
      else tell(opened, io);
      return exitCodes.holds;
    } catch (error) {
      return explain(error, file, values.json, io);
    }
  },
};

async function unlockBy(identity: string | undefined, io: Io): Promise<Unlock> {
  if (identity !== undefined) {
    const text = await readFile(identity, 'utf8').catch((error: NodeJS.ErrnoException) => {
      throw new UsageError(`${identity} cannot be read (${error.code ?? error.message}).`);
    });
    const identities = text.split(/\s+/).filter(word => word.startsWith('AGE-SECRET-KEY-'));
    if (identities.length === 0) throw new UsageError(`There is no AGE-SECRET-KEY-… in ${identity}.`);
    return { identities };
  }
  const given = io.env['CRATERSYNC_EXPORT_PASSPHRASE'];
  const passphrase = given !== undefined && given !== '' ? given : await io.askSecretly('Passphrase: ');
  if (passphrase === null)
    throw new UsageError(
      'Nobody can be asked for the passphrase: set CRATERSYNC_EXPORT_PASSPHRASE, or give --identity.',
    );
  return { passphrase };
}

function explain(error: unknown, file: string, asJson: boolean, io: Io): number {
  if (error instanceof ExportRefused) {
    if (asJson) io.print(JSON.stringify({ holds: false, reason: error.message }));
    else io.complain(error.message);
    return exitCodes.doesNotHold;
  }
  if (!(error instanceof Error && 'syscall' in error && 'code' in error)) throw error;
  const { path } = error as NodeJS.ErrnoException;
  if (path === file || path === undefined) throw new UsageError(`${file} cannot be read (${error.code}).`);
  io.complain(`${path} cannot be written (${error.code}).`);
  return exitCodes.unknown;
}

function tell(
  { folder, files, bytes, recordings, auditEntries, leftOut, dropped }: OpenedExport,
  io: Io,
): void {
  for (const { recordingId, what, reason } of leftOut)
    io.print(`LEFT OUT  recording ${recordingId}${what === undefined ? '' : `, ${what}`}: ${reason}`);
  for (const { path, reason } of dropped) io.print(`LEFT OUT  ${path}: ${reason}`);
  const verified = recordings > 0 ? `, ${recordings} recordings verified` : '';
  const chain = auditEntries > 0 ? `, ${auditEntries} entries of the audit log` : '';
  io.print(`All holds: ${files} files, ${bytes} bytes${verified}${chain}. They are in ${folder}`);
}
