import { audit, inOrganization } from '@cratersync/db';
import { AppError, type OrganizationId } from '@cratersync/signaling/protocol';
import { KeysUnavailable } from '../keys/index.ts';
import { alone, type RewrapOptions, rewrapAll } from './rewrap-organization.ts';

/** What became of the key of one organization. */
export interface Rotated {
  organizationId: OrganizationId;
  /** Of the key that locks now; null where it has no versions, or no key. */
  version: number | null;
  /** How many session keys were locked anew. */
  rewrapped: number;
  /** How many still need an older version, which is kept for them. */
  needingOlder: number;
  /** Why it is not finished; the rest of what there was to do is done. */
  failure: string | null;
}

/**
 * Gives each organization's key a new version, locks their session keys by it, and destroys the older versions when nothing
 * needs them. What was broken off is finished, and gets no further version by that.
 */
export async function rotateOrganizations(
  options: RewrapOptions,
  organizationIds: readonly OrganizationId[],
): Promise<Rotated[]> {
  const unfinished: OrganizationId[] = [];
  for (const organizationId of organizationIds)
    if ((await options.keys.versions?.of(organizationId))?.older.length) unfinished.push(organizationId);
  const finished = (await finishRotations(options, unfinished)).filter(
    ({ failure, rewrapped, needingOlder }) => failure !== null || rewrapped > 0 || needingOlder === 0,
  );
  const rest = organizationIds.filter(id => !finished.some(({ organizationId }) => organizationId === id));
  return [...finished, ...(await withoutOlder(options, rest, true))];
}

/** The same without new versions: locks by the newest what is not. */
export const finishRotations = (
  options: RewrapOptions,
  organizationIds: readonly OrganizationId[],
): Promise<Rotated[]> => withoutOlder(options, organizationIds, false);

async function withoutOlder(
  options: RewrapOptions,
  organizationIds: readonly OrganizationId[],
  anew: boolean,
): Promise<Rotated[]> {
  const rotated: Rotated[] = [];
  for (const organizationId of organizationIds) {
    const one = { organizationId, version: null, rewrapped: 0, needingOlder: 0, failure: null };
    try {
      rotated.push({ ...one, ...(await rotateOne(options, organizationId, anew)) });
    } catch (error) {
      // One organization's trouble is not the others'.
      if (!(error instanceof KeysUnavailable || error instanceof AppError)) throw error;
      rotated.push({ ...one, failure: error.message });
    }
  }
  return rotated.length === 0 ? [] : retireUnneeded(options, rotated);
}

async function rotateOne(
  options: RewrapOptions,
  organizationId: OrganizationId,
  anew: boolean,
): Promise<Pick<Rotated, 'version' | 'rewrapped'>> {
  const { db, keys } = options;
  const { versions } = keys;
  const { isNew, ...done } = await alone(options, organizationId, async (tx, customerKey) => {
    const isNew = anew && versions !== null && (await versions.of(organizationId)) !== null;
    if (isNew) await versions.rotate(organizationId);
    const target = await keys.target(organizationId, customerKey);
    const { rewrapped } = await rewrapAll(options, tx, target);
    const version = (await versions?.of(organizationId))?.current ?? null;
    return { isNew, version, rewrapped };
  });
  if (isNew) await inOrganization(db, organizationId, tx => audit.append(tx, entryOf(organizationId, done)));
  return done;
}

/** Looks at every session key there is, once for all organizations, and destroys what none of them needs. */
async function retireUnneeded({ keys }: RewrapOptions, rotated: Rotated[]): Promise<Rotated[]> {
  const { versions } = keys;
  if (versions === null) return rotated;
  const locked = await censusOf(keys);
  for (const one of rotated) {
    const { organizationId, version, failure } = one;
    const state = failure === null ? await versions.of(organizationId) : null;
    if (state === null || version === null) continue;
    const older = state.older.filter(each => each < version).map(each => versions.label(each));
    if (older.length === 0) continue;
    // Of those whose organization does not show, every one could be this organization's.
    one.needingOlder = locked
      .filter(each => each.organizationId === null || each.organizationId === organizationId)
      .reduce((sum, each) => sum + (older.includes(each.lockedBy) ? each.count : 0), 0);
    if (one.needingOlder === 0) await versions.retire(organizationId, version);
  }
  return rotated;
}

export interface Counted {
  organizationId: OrganizationId | null;
  lockedBy: string;
  count: number;
}

/** By organization and key, how many session keys are locked so. */
export async function censusOf(keys: RewrapOptions['keys']): Promise<Counted[]> {
  const counts = new Map<string, Counted>();
  for await (const { organizationId, lockedBy } of keys.list()) {
    const name = `${organizationId} ${lockedBy}`;
    const counted = counts.get(name) ?? { organizationId, lockedBy, count: 0 };
    counts.set(name, { ...counted, count: counted.count + 1 });
  }
  return [...counts.values()];
}

/** Every organization that has a key or a session key. */
export async function organizationsIn(keys: RewrapOptions['keys']): Promise<OrganizationId[]> {
  const named = (await censusOf(keys)).flatMap(({ organizationId }) => organizationId ?? []);
  return [...new Set([...((await keys.versions?.organizations()) ?? []), ...named])].sort();
}

const DAY_MS = 24 * 3_600_000;

/**
 * What is done every day: keys older than `days` get a new version, and what was broken off is finished.
 * @param days 0: none gets a new version
 */
export async function rotateDue(options: RewrapOptions, days: number): Promise<Rotated[]> {
  const { versions } = options.keys;
  if (versions === null) return [];
  const due: OrganizationId[] = [];
  const unfinished: OrganizationId[] = [];
  for (const organizationId of await versions.organizations()) {
    const state = await versions.of(organizationId);
    if (state === null) continue;
    if (days > 0 && Date.now() - state.since.getTime() > days * DAY_MS) due.push(organizationId);
    else if (state.older.length > 0) unfinished.push(organizationId);
  }
  return [...(await rotateOrganizations(options, due)), ...(await finishRotations(options, unfinished))];
}

const entryOf = (organizationId: OrganizationId, { version }: Pick<Rotated, 'version'>): audit.Done => ({
  ...audit.nobody,
  action: 'key.rotated',
  target: { kind: 'organization', id: organizationId },
  details: version === null ? {} : { version },
});
