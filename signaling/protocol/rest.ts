import { z } from 'zod';
import {
  accountId,
  invitationId,
  organizationId,
  participantId,
  recordingId,
  renderId,
  sessionId,
  stemId,
} from './ids.ts';
import { states } from './lifecycle.ts';
import { projectFormat, renderFormat, source, stemFormat } from './media.ts';
import { displayName, sessionRole } from './room.ts';

/** Shapes of the REST API under /api/v1. Requests are strict: an unknown field is refused. */

const email = z.string().trim().toLowerCase().max(254).pipe(z.email('that is not a mail address'));
const at = z.iso.datetime({ offset: true });
const title = z.string().trim().min(1, 'a title is needed').max(120, 'at most 120 characters');

// POST /sign-in/codes → 202 {}: always the same answer, whether the account exists or not.
export const requestCode = z.strictObject({ email });
// POST /sign-in → 200 me
export const signIn = z.strictObject({
  email,
  code: z
    .string()
    .trim()
    .regex(/^\d{6}$/, 'a code has six digits'),
});
// PATCH /me → 200 me: the first sign-in names the person and their organization.
export const updateMe = z.strictObject({
  displayName,
  organizationName: z.string().trim().min(1, 'a name is needed').max(80, 'at most 80 characters').optional(),
});
// GET /me
export const me = z.object({
  accountId,
  email: z.string(),
  displayName: z.string().nullable(),
  organization: z
    .object({ organizationId, name: z.string(), role: z.enum(['owner', 'admin', 'member']) })
    .nullable(),
});

// POST /sessions → 201 sessionSummary
export const createSession = z.strictObject({ title });
export const sessionSummary = z.object({
  sessionId,
  title: z.string(),
  state: z.enum(states('session')),
  createdAt: at,
});
// GET /sessions → {sessions: sessionSummary[]}, newest first, at most 100
export const sessionList = z.object({ sessions: z.array(sessionSummary) });

export const invitation = z.object({
  invitationId,
  createdAt: at,
  expiresAt: at,
  revokedAt: at.nullable(),
});
export const recordingSummary = z.object({
  recordingId,
  state: z.enum(states('recording')),
  startedAt: at,
  durationMs: z.number().nullable(),
});
// GET /sessions/:sessionId
export const sessionDetail = sessionSummary.extend({
  invitations: z.array(invitation),
  recordings: z.array(recordingSummary),
});
// POST /sessions/:sessionId/invitations → 201: the only time the link is shown; only its hash is stored.
export const createdInvitation = invitation.extend({ url: z.string() });
// DELETE /sessions/:sessionId/invitations/:invitationId → 204: revokes, also for people inside.

// POST /join/preview {token} → 200, for the green room
export const token = z.string().regex(/^[A-Za-z0-9_-]{22}$/, 'that is not an invitation');
export const previewInvitation = z.strictObject({ token });
export const invitationPreview = z.object({ title: z.string(), organizationName: z.string() });
// POST /join → 201 seat. `credential` of an earlier seat in the same session keeps the person the same person.
export const join = z.strictObject({
  token,
  displayName,
  credential: z.string().max(200).optional(),
});
// POST /sessions/:sessionId/host-seat → 201 seat, for a signed-in member of the session's organization
export const hostSeat = z.strictObject({ credential: z.string().max(200).optional() });
export const seat = z.object({
  sessionId,
  participantId,
  displayName: z.string(),
  role: sessionRole,
  /** Bearer of one place in one session, for the room's socket. 256 bits; only its hash is stored. */
  credential: z.string(),
});

// GET /recordings/:recordingId
export const stemFile = z.object({
  format: stemFormat,
  name: z.string(),
  bytes: z.number(),
  url: z.string(),
});
export const stem = z.object({
  stemId,
  name: z.string(),
  participantName: z.string(),
  source,
  state: z.enum(states('stem')),
  /** 0..1 while rendering */
  progress: z.number(),
  durationMs: z.number().nullable(),
  /** Why it failed, or what is missing from it, in words. */
  note: z.string().nullable(),
  /** To be downloaded. While it is rendered once more, those of the last time. */
  files: z.array(stemFile),
  /** To be heard and seen in the page: .m4a, WebM or MP4, part by part. */
  previewUrl: z.string().nullable(),
  /** The waveform; docs/stems.md has its layout. */
  peaksUrl: z.string().nullable(),
  /** One JPEG with small pictures in rows of ten, evenly spread over the recording. */
  thumbsUrl: z.string().nullable(),
});
/** Made because somebody asked for it. */
export const render = z.object({
  renderId,
  /** Null: of the whole recording. */
  stemId: stemId.nullable(),
  format: renderFormat,
  state: z.enum(states('render')),
  /** 0..1 while rendering */
  progress: z.number(),
  note: z.string().nullable(),
  /** Of what can be downloaded: also while it is made once more. */
  bytes: z.number().nullable(),
  url: z.string().nullable(),
});
export const projectLink = z.object({ format: projectFormat, url: z.string() });
export const recordingDetail = z.object({
  recordingId,
  sessionId,
  sessionTitle: z.string(),
  state: z.enum(states('recording')),
  startedAt: at,
  durationMs: z.number().nullable(),
  reason: z.string().nullable(),
  stems: z.array(stem),
  renders: z.array(render),
  /** Projects for editors and the certificate; none while there is no stem. */
  projects: z.array(projectLink),
  /** Of all stems together, as one zip; null until every stem is ready. */
  zipUrl: z.string().nullable(),
});

// GET /recordings/:recordingId/projects/sync → what a page shows of sync.json; the file tells more
export const certificate = z.object({
  stems: z.array(
    z.object({
      name: z.string(),
      residualMs: z.number().optional(),
      skewPpm: z.number().optional(),
      gaps: z.array(z.object({ startUs: z.number(), endUs: z.number(), cause: z.string() })).optional(),
    }),
  ),
});

// POST /recordings/:recordingId/renders → 202 render: made anew if it is there; one that is on its way is left alone
export const orderRender = z.strictObject({ format: renderFormat, stemId: stemId.optional() });
// DELETE /recordings/:recordingId/renders/:renderId → 204: what is waiting or being made is not made
// POST /recordings/:recordingId/stems {all} → 202 {}: the stems that failed are made again, or all of them
export const renderStems = z.strictObject({ all: z.boolean().default(false) });

// GET /healthz → 200 or 503
export const health = z.object({
  ok: z.boolean(),
  processes: z.record(z.string(), z.object({ ready: z.boolean(), reason: z.string().nullable() })),
});

export type Me = z.output<typeof me>;
export type SessionSummary = z.output<typeof sessionSummary>;
export type SessionDetail = z.output<typeof sessionDetail>;
export type Invitation = z.output<typeof invitation>;
export type Seat = z.output<typeof seat>;
export type Stem = z.output<typeof stem>;
export type Render = z.output<typeof render>;
export type Certificate = z.output<typeof certificate>;
export type RecordingDetail = z.output<typeof recordingDetail>;
export type Health = z.output<typeof health>;
