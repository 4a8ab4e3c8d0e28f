import { z } from 'zod';
import { heldKind, holdReason, retention } from './keeping.ts';

/** Shapes of how long recordings are kept, and of what keeps them longer. */

const at = z.iso.datetime({ offset: true });

export const hold = z.object({ since: at, reason: z.string() });
/** Of one recording; `until` null: for ever, unless it is deleted by hand. */
export const recordingKeeping = z.object({
  until: at.nullable(),
  hold: hold.extend({ of: heldKind }).nullable(),
});
// GET /organization/keeping → 200, PATCH {retention} → 200
export const organizationKeeping = z.object({ retention, hold: hold.nullable() });
export const updateKeeping = z.strictObject({ retention });
// POST /organization/hold, /sessions/:sessionId/hold, /recordings/:recordingId/hold {reason} → 204; DELETE → 204
export const placeHold = z.strictObject({ reason: holdReason });

export type Hold = z.output<typeof hold>;
export type RecordingKeeping = z.output<typeof recordingKeeping>;
export type OrganizationKeeping = z.output<typeof organizationKeeping>;
