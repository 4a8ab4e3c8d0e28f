import { parseArgs } from 'node:util';
import { audit as auditLog, inOrganization } from '@cratersync/db';
import { organizationId as organizationIdSchema } from '@cratersync/signaling/protocol';
import { type Command, exitCodes, UsageError } from './command.ts';
import { openAppDatabase } from './database.ts';

export const audit: Command = {
  name: 'audit',
  summary: 'verify ORGANIZATION: see whether its audit log is whole and unchanged',
  usage: `Usage: npx cratersync audit verify ORGANIZATION [--json]

Computes the chain of the organization's audit log anew: every entry holds the hash of the one before it. An entry that
was changed or left out shows; that the newest ones were cut off does not, unless the number of entries or the head
printed here is compared with one that was noted before.

  --json   one object {holds, entries, head}, or {holds, sequence, reason}

DATA_DIR (default ./.data) and DATABASE_URL say where the database is.

Ends with 0 when the log holds, 1 when it does not, 2 for wrong usage or configuration, 3 when the database cannot be
reached.`,
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { json: { type: 'boolean', default: false } },
    });
    const id = organizationIdSchema.safeParse(positionals[1]);
    if (positionals[0] !== 'verify' || !id.success || positionals.length !== 2)
      throw new UsageError('Whose log? Give the organization’s id, as its page of settings shows it.');
    const db = await openAppDatabase(io.env);
    try {
      const verdict = await inOrganization(db, id.data, tx => auditLog.verify(tx));
      if (values.json)
        io.print(
          JSON.stringify(verdict.holds ? { ...verdict, head: verdict.head.toString('hex') } : verdict),
        );
      else if (verdict.holds)
        io.print(`Holds: ${verdict.entries} entries, head ${verdict.head.toString('hex')}`);
      else io.print(`DOES NOT HOLD from entry ${verdict.sequence}: ${verdict.reason}`);
      return verdict.holds ? exitCodes.holds : exitCodes.doesNotHold;
    } finally {
      await db.close();
    }
  },
};
