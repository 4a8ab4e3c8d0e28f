import {
  customerKeys,
  type Database,
  inOrganization,
  memberships,
  type OrganizationTx,
  recordings,
  renders,
  retention,
  subscriptions,
} from '@cratersync/db';
import {
  type Limits,
  type OrganizationId,
  planName,
  plans,
  type RenderFormat,
  type rest,
  TRIAL_DAYS,
} from '../protocol/index.ts';
import { monthOf } from './hours.ts';
import type { Prices } from './prices.ts';
import { standingOf } from './standing.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** What was ordered to be made of recordings that are younger is still wanted. */
const WANTED_MS = 90 * DAY_MS;

/** What the page shows: what the organization has, and what it could have. */
export async function overview(
  { db, prices }: { db: Database; prices: Prices },
  organizationId: OrganizationId,
): Promise<rest.Billing> {
  const now = new Date();
  const month = monthOf(now);
  const { row, has } = await inOrganization(db, organizationId, async tx => ({
    row: await subscriptions.current(tx),
    has: await whatItHas(tx, month.from),
  }));
  const { plan, graceEndsAt } = standingOf(row, now);
  const offers = planName.options.map(async offered => ({
    plan: offered,
    limits: { ...plans[offered], formats: [...plans[offered].formats] },
    price: offered === 'pro' || offered === 'team' ? await prices.of(offered) : null,
    misfits: misfits(has, plans[offered]),
  }));
  const isEnterprise = plan === 'enterprise';
  return {
    ...{ plan, status: row?.status ?? null, subscribed: row?.plan ?? null },
    seats: seatsOf(row, isEnterprise),
    members: has.members,
    renewsAt: isEnterprise ? null : iso(row?.renewsAt),
    trialEndsAt: row?.status === 'trialing' ? iso(row.trialEndsAt) : null,
    endsAt: iso(isEnterprise ? row?.enterpriseUntil : row?.endsAt),
    graceEndsAt: iso(graceEndsAt),
    trialDays: row?.hadTrial === true ? null : TRIAL_DAYS,
    recordedHours: has.hours,
    countsFrom: month.from.toISOString(),
    countsUntil: month.until.toISOString(),
    hasAccount: row?.customerId != null,
    plans: await Promise.all(offers),
  };
}

const iso = (at: Date | null | undefined): string | null => at?.toISOString() ?? null;

function seatsOf(row: subscriptions.Subscription | null, isEnterprise: boolean): number | null {
  if (isEnterprise) return row?.enterpriseSeats ?? null;
  return row?.plan === 'team' ? row.seats : null;
}

interface Has {
  members: number;
  hours: number;
  formats: RenderFormat[];
  ownKey: boolean;
  /** How many recordings are older than so many days. */
  olderThan: Map<number, number>;
}

async function whatItHas(tx: OrganizationTx, since: Date): Promise<Has> {
  const { ms } = await recordings.recordedSince(tx, since);
  const olderThan = new Map<number, number>();
  for (const { retentionDays: days } of Object.values(plans))
    if (days !== null) olderThan.set(days, await retention.countOlder(tx, days));
  return {
    members: await memberships.count(tx),
    hours: Math.round((ms / HOUR_MS) * 100) / 100,
    formats: await renders.formatsSince(tx, new Date(Date.now() - WANTED_MS)),
    ownKey: (await customerKeys.inUse(tx)) !== null,
    olderThan,
  };
}

/** What the organization has, and would not fit any more. */
function misfits(has: Has, limits: Limits): rest.Misfit[] {
  const { members, recordedHours, retentionDays } = limits;
  const old = has.olderThan.get(retentionDays ?? 0) ?? 0;
  const formats = has.formats.filter(format => !limits.formats.includes(format));
  return [
    members !== null && has.members > members
      ? [{ what: 'members', have: has.members, allowed: members } as const]
      : [],
    recordedHours !== null && has.hours > recordedHours
      ? [{ what: 'hours', have: has.hours, allowed: recordedHours } as const]
      : [],
    retentionDays !== null && old > 0
      ? [{ what: 'recordings', have: old, allowed: retentionDays } as const]
      : [],
    has.ownKey && !limits.ownKeys ? [{ what: 'ownKey' } as const] : [],
    formats.length > 0 ? [{ what: 'formats', formats } as const] : [],
  ].flat();
}
