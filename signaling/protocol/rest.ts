import { z } from 'zod';
import { accountId, deviceId, invitationId, memberInvitationId, organizationId, sessionId } from './ids.ts';
import { sessionRetention } from './keeping.ts';
import { states } from './lifecycle.ts';
import { dtlsParameters } from './media.ts';
import { memberRole, region } from './membership.ts';
import { language, timeZone } from './profile.ts';
import { kept } from './rest-guests.ts';
import { next, pageQuery } from './rest-integrations.ts';
import { hold } from './rest-keeping.ts';
import { recordingSummary } from './rest-recordings.ts';
import { displayName, linkRole, sessionRole, sessionSettings } from './room.ts';

export * from './markers.ts';
export * from './rest-billing.ts';
export * from './rest-exports.ts';
export * from './rest-guests.ts';
export * from './rest-integrations.ts';
export * from './rest-keeping.ts';
export * from './rest-notices.ts';
export * from './rest-recordings.ts';
export * from './rest-shares.ts';

/** Shapes of the REST API under /api/v1. Requests are strict: an unknown field is refused. */

const invitedRole = memberRole.exclude(['owner']);
const code = z
  .string()
  .trim()
  .regex(/^\d{6}$/, 'a code has six digits');
const email = z.string().trim().toLowerCase().max(254).pipe(z.email('that is not a mail address'));
const at = z.iso.datetime({ offset: true });
const organizationName = z.string().trim().min(1, 'a name is needed').max(80, 'at most 80 characters');
const title = z.string().trim().min(1, 'a title is needed').max(120, 'at most 120 characters');

/** The token of an invitation into an organization, from whoever has no account and may get one only by that. */
const invitationProof = z.string().max(200).optional();

// POST /sign-in/codes → 202 {}: always the same answer, whether the account exists or not.
export const requestCode = z.strictObject({ email });
// POST /sign-in → 200 me
export const signIn = z.strictObject({
  email,
  code,
  invitation: invitationProof,
});
// POST /sign-in/link → 200 me: what is mailed in place of a code after too many wrong ones
export const signInByLink = z.strictObject({
  invitation: invitationProof,
  token: z.string().regex(/^[A-Za-z0-9_-]{22}$/, 'that is not a sign-in link'),
});
// PATCH /me → 200 me: the first sign-in names the person and their organization. What is left out stays as it is.
export const updateMe = z.strictObject({
  displayName: displayName.optional(),
  timeZone: timeZone.nullable().optional(),
  language: language.optional(),
  organizationName: organizationName.optional(),
  region: region.optional(),
});
// GET /me
const membership = z.object({
  organizationId,
  name: z.string(),
  region,
  role: memberRole,
  /** When it is to be erased; until then it can only be read. null: it is not. */
  eraseAfter: at.nullable(),
  /** Its key waits for its deletion at the key provider: what it recorded does not open, unless it is kept. */
  isLocked: z.boolean(),
});
export const me = z.object({
  accountId,
  email: z.string(),
  displayName: z.string().nullable(),
  /** In which times are shown; null: the browser's own. */
  timeZone: z.string().nullable(),
  /** In which mail is written. */
  language,
  /** When the account is deleted for good; null: it is not to be. */
  purgeAfter: at.nullable(),
  /** The one this browser works in; null until there is one. */
  organization: membership.nullable(),
  organizations: z.array(membership),
  /** Plans and billing are there at all: never where CraterSync is hosted by oneself. */
  isBilled: z.boolean(),
});
// POST /me/email-change → 202 emailChange: a code is mailed to the old address and to the new one.
export const requestEmailChange = z.strictObject({ email });
// POST /me/email-change/confirm → 200 me: both codes, in the browser that asked. All others are signed out.
export const confirmEmailChange = z.strictObject({ oldCode: code, newCode: code });
export const emailChange = z.object({ newEmail: z.string(), expiresAt: at });
// GET /me/email-change → 200: what this browser waits for. DELETE → 204 gives it up.
export const emailChangeState = z.object({ change: emailChange.nullable() });
// POST /me/deletion → 202 accountDeletion: signed out everywhere, with 30 days to come back; DELETE → 200 me: kept
export const requestAccountDeletion = z.strictObject({ email });
export const accountDeletion = z.object({ purgeAfter: at });
// POST /organizations → 201 me: another one, its founder the owner; this browser works in it from now on.
export const createOrganization = z.strictObject({ name: organizationName, region });
// POST /organizations/current → 200 me: this browser works in another of one's own.
export const switchOrganization = z.strictObject({ organizationId });

// GET /organization/members → 200, for every member, a page at a time; invitations for owners and admins only, with the
// first page, else empty
export const member = z.object({
  accountId,
  displayName: z.string(),
  email: z.string(),
  role: memberRole,
  since: at,
});
export const undelivered = z.object({
  /** The mail server did not answer (as it should), or it refused the mail. */
  why: z.enum(['unreached', 'refused']),
  /** Its words. */
  words: z.string(),
});
export const memberInvitation = z.object({
  memberInvitationId,
  email: z.string(),
  role: invitedRole,
  createdAt: at,
  expiresAt: at,
  /** That its mail did not arrive, as far as is known; null: it has left. */
  undelivered: undelivered.nullable(),
});
/** Its link is told where it was asked for in place of a mail. */
export const madeMemberInvitation = memberInvitation.extend({ url: z.url().optional() });
export const members = z.object({
  members: z.array(member),
  invitations: z.array(memberInvitation),
  next,
});
// PATCH /organization → 200 me
export const updateOrganization = z.strictObject({ name: organizationName });
// POST /organization/deletion → 202 me: erased a week later, with its name to confirm it. DELETE → 200 me: it is kept.
export const deleteOrganization = z.strictObject({ name: organizationName });
// POST /organization/invitations → 201 madeMemberInvitation, in place of an older one to the same address; DELETE /organization/invitations/:memberInvitationId → 204
export const inviteMember = z.strictObject({
  email,
  role: invitedRole,
  by: z.enum(['mail', 'link']).default('mail'),
});
// PATCH /organization/members/:accountId → 204; DELETE → 204 removes them, or is how one leaves.
export const changeMember = z.strictObject({ role: memberRole });
// POST /organization/transfer → 204: they become owner, and who asks becomes admin.
export const transferOwnership = z.strictObject({ accountId });
// POST /member-invitations/preview {token} → 200; POST …/accept {token} → 200 me; POST …/decline {token} → 204
export const memberInvitationToken = z.strictObject({ token: z.string().max(200) });
export const memberInvitationPreview = z.object({
  organizationName: z.string(),
  email: z.string(),
  role: invitedRole,
});

// GET /organization/audit?action&actor&from&to → 200, newest first, a page at a time; for owners and admins.
// GET /organization/audit.csv, /organization/audit.jsonl: all that the filter lets through.
export const auditFilter = z.object({
  action: z.string().max(60).optional(),
  actor: z.uuid().optional(),
  from: at.optional(),
  to: at.optional(),
});
export const auditEntry = z.object({
  sequence: z.number(),
  at,
  actorKind: z.enum(['account', 'participant', 'token', 'system']),
  actorId: z.string().nullable(),
  /** null when it has been erased */
  actorName: z.string().nullable(),
  action: z.string(),
  targetKind: z.string(),
  targetId: z.string(),
  targetName: z.string().nullable(),
  details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  address: z.string(),
  requestId: z.string(),
  /** SHA-256 of the chain up to here, hexadecimal. */
  hash: z.string(),
});
export const auditPage = z.object({ entries: z.array(auditEntry), next });

// GET /me/devices → {devices: device[]}, the one seen last first. DELETE /me/devices/:deviceId → 204 signs that one out;
// POST /sign-out/everywhere → 204 all of them.
export const device = z.object({
  deviceId,
  /** Such as "Firefox on Linux". */
  label: z.string(),
  signedInAt: at,
  lastSeenAt: at,
  isThis: z.boolean(),
});
export const deviceList = z.object({ devices: z.array(device) });

// GET /me/passkeys → {passkeys}, the oldest first. DELETE /me/passkeys/:credentialId → 204.
export const passkey = z.object({
  credentialId: z.string(),
  /** Where it was made, such as "Safari on macOS". */
  label: z.string(),
  createdAt: at,
  lastUsedAt: at.nullable(),
});
export const passkeyList = z.object({ passkeys: z.array(passkey) });
// POST /me/passkeys/options → 200, and POST /sign-in/passkey/options → 200: what navigator.credentials is given, as JSON.
export const passkeyOptions = z.looseObject({ challenge: z.string() });
// POST /me/passkeys → 204, and POST /sign-in/passkey → 200 me: what it answered (Web Authentication, section 5.1).
export const passkeyAnswer = z.looseObject({
  id: z.string().max(1400),
  rawId: z.string().max(1400),
  type: z.literal('public-key'),
  response: z.looseObject({ clientDataJSON: z.string() }),
});

// POST /sessions → 201 sessionSummary; how long recordings are kept is for owners and admins to say
export const createSession = z.strictObject({
  title,
  startsAt: at.nullable().default(null),
  retention: sessionRetention.optional(),
});
export const sessionSummary = z.object({
  sessionId,
  title: z.string(),
  state: z.enum(states('session')),
  createdAt: at,
  /** When it is planned for; null: whenever. */
  startsAt: at.nullable(),
  /** What those are called who have been inside. */
  people: z.array(z.string()),
});
// GET /sessions?when&search → the latest first, by when they are planned for or were made; a page at a time
export const sessionQuery = pageQuery.extend({
  /** `upcoming`: to come or under way; `past`: over */
  when: z.enum(['upcoming', 'past']).optional(),
  /** Stands in the title, or in the name of somebody who was there. */
  search: z.string().trim().max(120).optional(),
});
export const sessionList = z.object({ sessions: z.array(sessionSummary), next });

export const invitation = z.object({
  invitationId,
  role: linkRole,
  /** How many people have come by it; coming back is no new use. */
  uses: z.number(),
  /** null: without limit */
  maxUses: z.number().nullable(),
  createdAt: at,
  expiresAt: at,
  revokedAt: at.nullable(),
});
// GET /sessions/:sessionId
export const sessionDetail = sessionSummary.extend({
  ...sessionSettings.shape,
  invitations: z.array(invitation),
  recordings: z.array(recordingSummary),
  retention: sessionRetention,
  /** Its own. */
  hold: hold.nullable(),
  kept,
});
// PATCH /sessions/:sessionId → 200 sessionSettings: how it treats those who come, what it is called, and when it is
export const configureSession = sessionSettings
  .extend({ title, startsAt: at.nullable(), retention: sessionRetention })
  .partial()
  .strict();
// POST /sessions/:sessionId/invitations → 201: the only time the link is shown; only its hash is stored.
export const createInvitation = z.strictObject({
  role: linkRole.default('guest'),
  lifetimeHours: z
    .number()
    .int()
    .min(1)
    .max(365 * 24, 'at most a year')
    .default(7 * 24),
  maxUses: z.number().int().min(1).max(10_000).nullable().default(null),
});
export const createdInvitation = invitation.extend({ url: z.string() });
// DELETE /sessions/:sessionId/invitations/:invitationId → 204: revokes, also for people inside.

// POST /sessions/:sessionId/network {dtlsParameters} → 200 networkProbe, for a signed-in member
export const network = z.strictObject({ dtlsParameters });
// POST /sessions/:sessionId/host-seat → 201 seat, for a signed-in member of the session's organization: as its host, or
// as a producer, who is never recorded. One seat a session: taking it in the other way changes it.
export const hostSeat = z.strictObject({
  credential: z.string().max(200).optional(),
  as: sessionRole.extract(['host', 'producer']).default('host'),
});
// GET /healthz → 200 or 503
export const health = z.object({
  ok: z.boolean(),
  processes: z.record(z.string(), z.object({ ready: z.boolean(), reason: z.string().nullable() })),
});

export type Me = z.output<typeof me>;
export type EmailChange = z.output<typeof emailChange>;
export type EmailChangeState = z.output<typeof emailChangeState>;
export type AccountDeletion = z.output<typeof accountDeletion>;
export type Device = z.output<typeof device>;
export type Members = z.output<typeof members>;
export type Member = z.output<typeof member>;
export type Undelivered = z.output<typeof undelivered>;
export type MadeMemberInvitation = z.output<typeof madeMemberInvitation>;
export type MemberInvitation = z.output<typeof memberInvitation>;
export type AuditEntry = z.output<typeof auditEntry>;
export type AuditPage = z.output<typeof auditPage>;
export type Passkey = z.output<typeof passkey>;
export type PasskeyList = z.output<typeof passkeyList>;
export type DeviceList = z.output<typeof deviceList>;
export type SessionList = z.output<typeof sessionList>;
export type SessionSummary = z.output<typeof sessionSummary>;
export type SessionDetail = z.output<typeof sessionDetail>;
export type Invitation = z.output<typeof invitation>;
export type Health = z.output<typeof health>;
