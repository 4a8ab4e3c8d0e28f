import { z } from 'zod';
import { shareId } from './ids.ts';
import { shareContents } from './media.ts';
import { recordingDetail } from './rest-recordings.ts';

/** Shapes of links by which a recording is heard and downloaded without an account. */

const at = z.iso.datetime({ offset: true });
export const shareLifetimesDays = [1, 7, 30] as const;

// POST /recordings/:recordingId/shares → 201 createdShare
export const createShare = z.strictObject({
  name: z.string().trim().min(1, 'a name is needed').max(60, 'at most 60 characters'),
  expiresInDays: z.literal(shareLifetimesDays, '1, 7 or 30').default(7),
  contents: shareContents.default('stems'),
});
export const share = z.object({
  shareId,
  /** Whom it is for. */
  name: z.string(),
  contents: shareContents,
  createdBy: z.string(),
  createdAt: at,
  expiresAt: at,
  openings: z.number(),
  lastOpenedAt: at.nullable(),
});
// GET /recordings/:recordingId/shares → {shares}: those that work; DELETE …/shares/:shareId → 204
export const shareList = z.object({ shares: z.array(share) });
/** The only time that the link is shown; only its hash is stored. */
export const createdShare = share.extend({ url: z.string() });

const shareToken = z.string().regex(/^[A-Za-z0-9_-]{22}$/, 'that is no link to a recording');
// POST /shared → 200 sharedRecording; `again`: a page that is open asks once more, which is no new opening
export const openShare = z.strictObject({ token: shareToken, again: z.boolean().default(false) });
export const sharedRecording = z.object({
  organizationName: z.string(),
  expiresAt: at,
  contents: shareContents,
  recording: recordingDetail.omit({ sessionId: true, keeping: true }),
});

export type Share = z.output<typeof share>;
export type ShareList = z.output<typeof shareList>;
export type SharedRecording = z.output<typeof sharedRecording>;
