import { letters, memberships, type OrganizationTx, organizations, type retention } from '@cratersync/db';
import type { PlanRetention } from '@cratersync/signaling/billing';
import type { Letter } from '@cratersync/signaling/protocol';

/** A letter names so many sessions; the others are counted. */
const NAMED = 12;

/**
 * Has owners, and whoever made the sessions, told what is going to be deleted: one letter each, and another one of what only
 * the plan keeps no longer.
 */
export async function tell(
  tx: OrganizationTx,
  taken: readonly retention.Warned[],
  plan: PlanRetention | null,
): Promise<void> {
  if (taken.length === 0) return;
  const organizationName = await organizations.nameOf(tx);
  const owners = await memberships.owners(tx);
  const hosts = await memberships.among(
    tx,
    taken.map(({ hostId }) => hostId),
  );
  for (const reader of new Set([...owners, ...hosts])) {
    const theirs = owners.includes(reader) ? taken : taken.filter(({ hostId }) => hostId === reader);
    for (const [isByPlan, ended] of Map.groupBy(theirs, each => each.isByPlan))
      await letters.queue(tx, reader, warningOf(organizationName, ended, isByPlan ? plan : null));
  }
}

function warningOf(
  organizationName: string,
  taken: readonly retention.Warned[],
  plan: PlanRetention | null,
): Letter {
  const bySession = Map.groupBy(taken, ({ sessionId }) => sessionId);
  const sessions = [...bySession.values()].map(recordings => ({
    title: recordings[0]?.sessionTitle ?? '',
    recordings: recordings.length,
  }));
  return {
    kind: 'retention-warning',
    organizationName,
    recordings: taken.length,
    firstAt: new Date(Math.min(...taken.map(({ until }) => until.getTime()))),
    sessions: sessions.slice(0, NAMED),
    moreSessions: Math.max(0, sessions.length - NAMED),
    ...(plan !== null && { plan: { name: plan.plan, days: plan.days } }),
  };
}
