import { z } from 'zod';

/**
 * Who has to act on an error: the caller (change the request), us (look at the logs), or somebody we
 * depend on (wait; the store, the database or a media node is away).
 */
export type Blame = 'caller' | 'us' | 'upstream';

/** An error as it travels: in an HTTP body and in a socket acknowledgement. */
export const errorBody = z.object({
  code: z.string(),
  message: z.string(),
  retryable: z.boolean(),
  blame: z.enum(['caller', 'us', 'upstream']),
});
export type ErrorBody = z.output<typeof errorBody>;

/** An error as HTTP tells it: application/problem+json (RFC 9457). */
export const problem = z.object({
  /** Names the kind of error, and leads to a page about it. */
  type: z.string(),
  title: z.string(),
  status: z.number(),
  /** What happened this time, in words that can be shown. */
  detail: z.string(),
  /** For programs: stays the same in all versions. */
  code: z.string(),
  /** The one in X-Request-Id, and in the server's log. */
  requestId: z.string(),
  /** The same request may succeed later. */
  retryable: z.boolean(),
  blame: z.enum(['caller', 'us', 'upstream']),
});
export type Problem = z.output<typeof problem>;

/** The one error that crosses our edges. Made only by the functions of `errors` below. */
export class AppError extends Error {
  readonly code: string;
  readonly status: number;
  readonly retryable: boolean;
  readonly blame: Blame;

  constructor(status: number, body: ErrorBody, cause?: unknown) {
    super(body.message, cause === undefined ? undefined : { cause });
    this.name = 'AppError';
    this.code = body.code;
    this.status = status;
    this.retryable = body.retryable;
    this.blame = body.blame;
  }

  toBody(): ErrorBody {
    return { code: this.code, message: this.message, retryable: this.retryable, blame: this.blame };
  }

  /** @param at the page about errors, and the request */
  toProblem(at: { page: string; requestId: string }): Problem {
    const { code, status, message: detail, retryable, blame } = this;
    const title = titleOf(code);
    return {
      ...{ type: `${at.page}#${code}`, title, status, detail, code },
      ...{ requestId: at.requestId, retryable, blame },
    };
  }
}

/** `not_signed_in` → `Not signed in` */
export const titleOf = (code: string): string =>
  code.charAt(0).toUpperCase() + code.slice(1).replaceAll('_', ' ');

const caller = (status: number, code: string, message: string) =>
  new AppError(status, { code, message, retryable: false, blame: 'caller' });
const planLimit = (message: string) => caller(402, 'plan_limit', message);
const upstream = (status: number, code: string, message: string, cause?: unknown) =>
  new AppError(status, { code, message, retryable: true, blame: 'upstream' }, cause);

/** The catalogue: every error a user can meet, in words that say what to do next. */
export const errors = {
  badRequest: (detail: string) => caller(400, 'bad_request', `That request was not understood: ${detail}`),
  unknownCommand: (name: string) => caller(400, 'unknown_command', `There is no command named “${name}”.`),
  notSignedIn: () => caller(401, 'not_signed_in', 'Sign in first.'),
  codeWrong: (attemptsLeft: number, what = 'That code') =>
    caller(
      401,
      'code_wrong',
      attemptsLeft > 0
        ? `${what} is not right. Check the newest message; ${attemptsLeft} ${attemptsLeft === 1 ? 'try is' : 'tries are'} left.`
        : `${what} is not right, and it can no longer be used. Ask for a new one.`,
    ),
  codeUnusable: () =>
    caller(401, 'code_unusable', 'That code has expired or has been used. Ask for a new one.'),
  signUpClosed: () =>
    caller(
      403,
      'sign_up_closed',
      'There is no account with that address, and this server makes one only for whoever was invited. Ask an owner or admin there for an invitation.',
    ),
  passkeyRefused: (cause?: unknown) =>
    new AppError(
      401,
      {
        code: 'passkey_refused',
        message: 'That passkey was not accepted. Try once more, or sign in with a code.',
        retryable: false,
        blame: 'caller',
      },
      cause,
    ),
  signInLinkUnusable: () =>
    caller(
      401,
      'sign_in_link_unusable',
      'That link has expired, has been used, or was asked for in another browser. Ask for a new one here.',
    ),
  tooManyRequests: (what: string, wait = 'a few minutes') =>
    new AppError(429, {
      code: 'too_many_requests',
      message: `Too many ${what}. Wait ${wait} and try again.`,
      retryable: true,
      blame: 'caller',
    }),
  tokenInvalid: () =>
    caller(
      401,
      'token_invalid',
      'That API token does not work: it is mistyped, has expired, was revoked, or whoever made it is no owner or admin any more.',
    ),
  tokenRefused: () =>
    caller(403, 'token_refused', 'No API token can do that. Sign in, and do it on the page.'),
  scopeNeeded: (scope: string) =>
    caller(403, 'scope_needed', `That needs an API token with the scope ${scope}.`),
  keyInUse: () =>
    new AppError(409, {
      code: 'idempotency_key_in_use',
      message:
        'The request that came first with this Idempotency-Key is still being answered. Send it again in a second.',
      retryable: true,
      blame: 'caller',
    }),
  keyReused: () =>
    caller(
      422,
      'idempotency_key_reused',
      'This Idempotency-Key came with another request before. Use a new one for each thing that is to be made.',
    ),
  linkInvalid: () =>
    caller(404, 'link_invalid', 'This link does not work (any more). Ask your host for a new one.'),
  downloadLinkEnded: () =>
    caller(
      403,
      'download_link_ended',
      'This download link has ended, is not whole, or is not yours. Open the page of the recording, and download from there.',
    ),
  shareEnded: () =>
    caller(
      404,
      'share_ended',
      'This link has expired or was ended, or it is not whole. Ask whoever sent it for a new one.',
    ),
  memberInvitationInvalid: () =>
    caller(
      404,
      'link_invalid',
      'This invitation has expired, was withdrawn, or has been answered. Ask whoever invited you for a new one.',
    ),
  membershipEnded: () =>
    caller(
      403,
      'membership_ended',
      'You are no longer a member of this organization. Ask one of its owners.',
    ),
  credentialInvalid: () =>
    caller(401, 'credential_invalid', 'Your place in this session is no longer valid. Open your link again.'),
  forbidden: (who: string, what: string) => caller(403, 'forbidden', `Only ${who} can ${what}.`),
  roleNeeded: (who: string, what: string) =>
    caller(403, 'forbidden', `Only ${who} of the organization can ${what}.`),
  signInAgain: () =>
    caller(
      403,
      'sign_in_again',
      'That needs a fresh sign-in. Sign out, sign in again, and do it within 15 minutes.',
    ),
  /** @param eraseAfter ISO 8601, UTC */
  organizationClosing: (eraseAfter: string) =>
    caller(
      403,
      'organization_closing',
      `This organization is to be deleted on ${eraseAfter.slice(0, 16).replace('T', ' ')} UTC, and can only be read until then. An owner can undo that on any page.`,
    ),
  organizationClosed: () =>
    caller(
      403,
      'organization_closed',
      'This organization is to be deleted, and nobody can be in its sessions. An owner can undo that on any page.',
    ),
  organizationGone: () =>
    caller(
      410,
      'organization_gone',
      'The organization that this link is from is gone, or about to be. Ask whoever sent it to you.',
    ),
  crossOrigin: () => caller(403, 'cross_origin', 'That request came from another site and was refused.'),
  notFound: (what: string) => caller(404, 'not_found', `There is no such ${what}, or it is not yours.`),
  conflict: (message: string) => caller(409, 'conflict', message),
  tooLarge: () => caller(413, 'too_large', 'That message is larger than this server accepts.'),
  planPeople: (people: number) =>
    planLimit(
      `The room is full: the plan of this organization allows ${people} people at a time. Somebody has to leave first, or an owner of the organization to choose a larger plan.`,
    ),
  planHours: (hours: number) =>
    planLimit(
      `The ${hours} hours of recording that the plan has each month are used up. An owner of the organization can choose a larger plan; or wait until the next month.`,
    ),
  planMembers: (members: number) =>
    planLimit(
      `The plan of this organization has room for ${members} members. Somebody has to leave first, or an owner to choose a larger plan.`,
    ),
  planOwnKeys: () =>
    planLimit(
      'The plan of this organization has no keys of one’s own. An owner can choose a larger plan; what is locked by a key of yours stays so.',
    ),
  planFormat: (format: string) =>
    planLimit(
      `${format} is not made in the plan of this organization. An owner can choose a larger plan; the stems themselves can be downloaded in any.`,
    ),
  waitForHost: () => caller(409, 'wait_for_host', 'Wait until the host lets you in.'),
  notAdmitted: () =>
    caller(
      403,
      'not_admitted',
      'The host did not let you in. If that was a mistake, ask your host, and knock again.',
    ),
  removedFromSession: () =>
    caller(
      403,
      'removed',
      'The host has removed you from this session. Ask them for a new link to come back.',
    ),
  sessionLocked: () =>
    caller(
      403,
      'session_locked',
      'The host has locked the room: nobody new can come in. Ask them to unlock it.',
    ),
  sessionEnded: () =>
    caller(
      403,
      'session_ended',
      'The host has ended this session. You can join again when they open it again.',
    ),
  sessionFull: () =>
    caller(409, 'session_full', 'Too many people wait to be let in. Try again in a few minutes.'),
  joinFirst: () => caller(409, 'join_first', 'Join the room before doing that.'),
  replacedByNewerTab: () =>
    caller(
      409,
      'replaced_by_newer_tab',
      'You joined from another tab or device. Go on there, or join here again.',
    ),
  recordingRefused: (reason: string, cause?: unknown) =>
    upstream(503, 'recording_refused', `The recording was not started: ${reason}`, cause),
  nodeUnavailable: (what: string) =>
    upstream(503, 'node_unavailable', `The ${what} is not reachable right now. Try again in a few seconds.`),
  /** Not tried again by itself: people have to know why they do not get in. */
  noNodeInRegion: (what: string, region: string) =>
    new AppError(503, {
      code: 'no_node_in_region',
      message: `No ${what} of the region ${region} is reachable right now, and what your organization records goes to no other. Try again in a few minutes, or tell whoever runs this server.`,
      retryable: false,
      blame: 'upstream',
    }),
  wrongRegion: (region: string) =>
    upstream(
      503,
      'wrong_region',
      `This worker does not keep what is recorded in the region ${region}. Whoever runs this server should check NODE_REGION and WORKER_URL_CA, WORKER_URL_FR.`,
    ),
  unavailable: (what: string, cause?: unknown) =>
    upstream(
      503,
      'unavailable',
      `The ${what} is not reachable right now. Try again in a few seconds.`,
      cause,
    ),
  /** The organization's own key, in AWS. */
  keyRefused: (cause?: unknown) =>
    upstream(
      503,
      'key_refused',
      'This organization’s own key does not open the recording right now. Nothing is lost. An owner sees under “Keys” what to do.',
      cause,
    ),
  erased: () => caller(410, 'erased', 'This recording was erased. Nothing can bring it back.'),
  timedOut: (what: string) => upstream(504, 'timed_out', `${what} did not answer in time. Try again.`),
  internal: (cause?: unknown) =>
    new AppError(
      500,
      {
        code: 'internal',
        message: 'Something went wrong on our side. It has been logged; try again.',
        retryable: true,
        blame: 'us',
      },
      cause,
    ),
  /** An error that another of our processes, or the server, has already rendered. */
  remote: (body: ErrorBody) => new AppError(body.blame === 'caller' ? 400 : 503, body),
};

/** Turns whatever was thrown at an edge into what may be shown. Anything unforeseen says nothing of its inside. */
export function toAppError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown;
  if (thrown instanceof z.ZodError) {
    const issue = thrown.issues[0];
    const where = issue === undefined || issue.path.length === 0 ? '' : `${issue.path.join('.')}: `;
    return errors.badRequest(`${where}${issue?.message ?? 'it does not have the right shape'}`);
  }
  return errors.internal(thrown);
}
