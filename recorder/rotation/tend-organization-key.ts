import { organizationDeletions } from '@cratersync/db';
import type { OrganizationId } from '@cratersync/signaling/protocol';
import { alone, type RewrapOptions } from './rewrap-organization.ts';

/**
 * Where a key provider deletes keys some days after it was told to, these days are those in which the organization can be kept:
 * they begin when its deletion is asked for, and end when that is undone, or something is held. Done again, it is as done.
 * @throws `conflict` while another worker is at its keys, KeysUnavailable: the job is run again
 */
export const tendOrganizationKey = (
  options: Pick<RewrapOptions, 'db' | 'keys'>,
  organizationId: OrganizationId,
): Promise<void> =>
  // What it finds and what it does about it are one step: who undoes it meanwhile has it looked at again.
  alone(options, organizationId, async tx => {
    const isDue = await organizationDeletions.keyIsDue(tx);
    if (isDue === 'begun') return;
    if (!isDue) await options.keys.keepOrganizationKey(organizationId);
    const scheduled = isDue ? await options.keys.scheduleOrganizationKey(organizationId) : null;
    await organizationDeletions.keyScheduled(tx, scheduled?.deletedAfter ?? null);
  });
