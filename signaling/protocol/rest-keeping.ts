import { z } from 'zod';
import { heldKind, holdReason, retention } from './keeping.ts';
import { planName } from './plans.ts';

/** Shapes of how long recordings are kept, and of what keeps them longer. */

const at = z.iso.datetime({ offset: true });

export const hold = z.object({ since: at, reason: z.string() });
/** Of one recording; `until` null: for ever, unless it is deleted by hand. */
export const recordingKeeping = z.object({
  until: at.nullable(),
  /** Its organization's plan allows no longer. */
  isByPlan: z.boolean(),
  hold: hold.extend({ of: heldKind }).nullable(),
});
// GET /organization/keeping → 200, PATCH {retention} → 200. What holds is the shorter one of `retention` and `plan`.
export const organizationKeeping = z.object({
  retention,
  /** How long the plan keeps recordings at most; null: as long as wanted. */
  plan: z.object({ name: planName, days: z.number() }).nullable(),
  hold: hold.nullable(),
});
export const updateKeeping = z.strictObject({ retention });
// POST /organization/hold, /sessions/:sessionId/hold, /recordings/:recordingId/hold {reason} → 204; DELETE → 204
export const placeHold = z.strictObject({ reason: holdReason });

export type Hold = z.output<typeof hold>;
export type RecordingKeeping = z.output<typeof recordingKeeping>;
export type OrganizationKeeping = z.output<typeof organizationKeeping>;
