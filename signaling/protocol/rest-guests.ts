import { z } from 'zod';
import { participantId, sessionId } from './ids.ts';
import { dtlsParameters } from './media.ts';
import { region } from './membership.ts';
import { displayName, linkRole, sessionRole } from './room.ts';

/** Shapes of what guests ask for; by themselves, so that a guest's page loads no others. */

/**
 * What whoever is recorded is told: null: until somebody deletes it; `isByPlan`: the organization's plan allows no longer;
 * `isHeld`: longer than that, for now.
 */
export const kept = z.object({ days: z.number().nullable(), isByPlan: z.boolean(), isHeld: z.boolean() });

// POST /join/preview {token} → 200, for the green room
export const token = z.string().regex(/^[A-Za-z0-9_-]{22}$/, 'that is not an invitation');
// `credential` as below: a link that is used up still opens for whoever came by it.
export const previewInvitation = z.strictObject({ token, credential: z.string().max(200).optional() });
export const invitationPreview = z.object({
  title: z.string(),
  organizationName: z.string(),
  /** Where what is recorded is kept. */
  region,
  /** What whoever comes by it is. */
  role: linkRole,
  /** For how long. */
  kept,
});
// POST /join/network {token, dtlsParameters} → 200 networkProbe: a transport on which the browser tries its way to the SFU
export const joinNetwork = previewInvitation.extend({ dtlsParameters }).strict();
// POST /join → 201 seat. `credential` of an earlier seat in the same session keeps the person the same person.
export const join = z.strictObject({
  token,
  displayName,
  credential: z.string().max(200).optional(),
});

export const seat = z.object({
  sessionId,
  participantId,
  displayName: z.string(),
  role: sessionRole,
  /** Bearer of one place in one session, for the room's socket. 256 bits; only its hash is stored. */
  credential: z.string(),
});

export type Kept = z.output<typeof kept>;
export type Seat = z.output<typeof seat>;
