import { parseArgs } from 'node:util';
import { audit, inOrganization, organizations, subscriptions } from '@cratersync/db';
import { errors, organizationId as organizationIdSchema } from '@cratersync/signaling/protocol';
import { type Command, exitCodes, UsageError } from './command.ts';
import { openAppDatabase } from './database.ts';

export const plan: Command = {
  name: 'plan',
  summary: 'set ORGANIZATION enterprise --seats N --until DATE: grant a plan that no card pays for',
  usage: `Usage: npx cratersync plan set ORGANIZATION enterprise --seats N --until DATE
       npx cratersync plan unset ORGANIZATION

Grants Enterprise to an organization, until the end of a day (YYYY-MM-DD, in UTC), with so many members; set again, the
last one holds. What the organization pays for by card stays as it is, and holds again afterwards: cancel that at the
payment service if it is not to go on. “unset” takes the grant back. Both stand in the organization's audit log.

DATA_DIR (default ./.data) and DATABASE_URL say where the database is.

Ends with 0 when it is done, 1 when there is no such organization, 2 for wrong usage or configuration, 3 when the database
cannot be reached.`,
  async run(args, io) {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { seats: { type: 'string' }, until: { type: 'string' } },
    });
    const [verb, organization, name, ...more] = positionals;
    const id = organizationIdSchema.safeParse(organization);
    if (!id.success || more.length > 0)
      throw new UsageError('Whose plan? Give the organization’s id, as its page shows it.');
    const granted = grantOf({ verb, name, ...values });
    const db = await openAppDatabase(io.env);
    try {
      await inOrganization(db, id.data, async tx => {
        if ((await organizations.nameIfThere(tx)) === null) throw errors.notFound('organization');
        await subscriptions.setEnterprise(tx, granted);
        await audit.append(tx, {
          ...audit.nobody,
          action: 'plan.granted',
          target: { kind: 'organization', id: id.data },
          details:
            granted === null
              ? { plan: 'none' }
              : { plan: 'enterprise', seats: granted.seats, until: granted.until.toISOString() },
        });
      });
    } finally {
      await db.close();
    }
    io.print(
      granted === null
        ? 'Done: nothing is granted to it any more.'
        : `Done: Enterprise with ${granted.seats} seats until ${granted.until.toISOString()}.`,
    );
    return exitCodes.holds;
  },
};

interface Wanted {
  verb: string | undefined;
  name: string | undefined;
  seats?: string | undefined;
  until?: string | undefined;
}

/** @returns null to take it back */
function grantOf({ verb, name, seats, until }: Wanted): { seats: number; until: Date } | null {
  if (verb === 'unset' && name === undefined && seats === undefined && until === undefined) return null;
  if (verb !== 'set' || name !== 'enterprise')
    throw new UsageError('Only “set ORGANIZATION enterprise” and “unset ORGANIZATION” are done here.');
  if (!/^[1-9]\d{0,5}$/.test(seats ?? ''))
    throw new UsageError('--seats: how many members it may have, such as --seats 40');
  const day = /^\d{4}-\d{2}-\d{2}$/.test(until ?? '') ? new Date(`${until}T23:59:59.999Z`) : null;
  // 2027-02-31 is read as a day in March.
  if (day === null || Number.isNaN(day.getTime()) || day.toISOString().slice(0, 10) !== until)
    throw new UsageError('--until: its last day, such as --until 2027-12-31');
  if (day < new Date()) throw new UsageError('--until: that day is over');
  return { seats: Number(seats), until: day };
}
