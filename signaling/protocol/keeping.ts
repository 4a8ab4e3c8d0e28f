import { z } from 'zod';

/** How long a deletion can be undone. */
export const DELETION_GRACE_MS = 24 * 3_600_000;

/** So long before the end people are told of it. */
export const LEAST_KEPT_DAYS = 7;
export const MOST_KEPT_DAYS = 3650;

const forever = z.strictObject({ kind: z.literal('forever') });
const forDays = z.strictObject({
  kind: z.literal('days'),
  days: z
    .int('a whole number of days')
    .min(LEAST_KEPT_DAYS, `${LEAST_KEPT_DAYS} days at least: people are told so long before`)
    .max(MOST_KEPT_DAYS, `${MOST_KEPT_DAYS} days at most; beyond that, keep them for ever`),
});

/** As long as the plan allows: where nothing is limited, for ever. */
const asPlanned = z.strictObject({ kind: z.literal('plan') });

/** How long an organization keeps recordings, counted from when each began. */
export const retention = z.discriminatedUnion('kind', [forever, asPlanned, forDays]);
export type Retention = z.output<typeof retention>;

/** The same for a session, which may leave it to its organization. */
export const sessionRetention = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('organization') }),
  forever,
  asPlanned,
  forDays,
]);
export type SessionRetention = z.output<typeof sessionRetention>;

/** Why something is deleted by nobody: a name of the case, for those who meet it later. */
export const holdReason = z
  .string()
  .trim()
  .min(1, 'say why, such as the number of the case')
  .max(200, 'at most 200 characters');

/** What a hold is on: what it keeps is all below it. */
export const heldKind = z.enum(['organization', 'session', 'recording']);
export type HeldKind = z.output<typeof heldKind>;
