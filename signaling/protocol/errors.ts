import { AppError, type ErrorBody } from './app-error.ts';

/** The catalogue: every error a user can meet, in words that say what to do next. One function each, so that a page carries those it makes. */

const caller = (status: number, code: string, message: string) =>
  new AppError(status, { code, message, retryable: false, blame: 'caller' });
const planLimit = (message: string) => caller(402, 'plan_limit', message);
const upstream = (status: number, code: string, message: string, cause?: unknown) =>
  new AppError(status, { code, message, retryable: true, blame: 'upstream' }, cause);

export const badRequest = (detail: string) =>
  caller(400, 'bad_request', `That request was not understood: ${detail}`);
export const unknownCommand = (name: string) =>
  caller(400, 'unknown_command', `There is no command named “${name}”.`);
export const notSignedIn = () => caller(401, 'not_signed_in', 'Sign in first.');
export const codeWrong = (attemptsLeft: number, what = 'That code') =>
  caller(
    401,
    'code_wrong',
    attemptsLeft > 0
      ? `${what} is not right. Check the newest message; ${attemptsLeft} ${attemptsLeft === 1 ? 'try is' : 'tries are'} left.`
      : `${what} is not right, and it can no longer be used. Ask for a new one.`,
  );
export const codeUnusable = () =>
  caller(401, 'code_unusable', 'That code has expired or has been used. Ask for a new one.');
export const signUpClosed = () =>
  caller(
    403,
    'sign_up_closed',
    'There is no account with that address, and this server makes one only for whoever was invited. Ask an owner or admin there for an invitation.',
  );
export const passkeyRefused = (cause?: unknown) =>
  new AppError(
    401,
    {
      code: 'passkey_refused',
      message: 'That passkey was not accepted. Try once more, or sign in with a code.',
      retryable: false,
      blame: 'caller',
    },
    cause,
  );
export const signInLinkUnusable = () =>
  caller(
    401,
    'sign_in_link_unusable',
    'That link has expired, has been used, or was asked for in another browser. Ask for a new one here.',
  );
export const tooManyRequests = (what: string, wait = 'a few minutes') =>
  new AppError(429, {
    code: 'too_many_requests',
    message: `Too many ${what}. Wait ${wait} and try again.`,
    retryable: true,
    blame: 'caller',
  });
export const tokenInvalid = () =>
  caller(
    401,
    'token_invalid',
    'That API token does not work: it is mistyped, has expired, was revoked, or whoever made it is no owner or admin any more.',
  );
export const tokenRefused = () =>
  caller(403, 'token_refused', 'No API token can do that. Sign in, and do it on the page.');
export const scopeNeeded = (scope: string) =>
  caller(403, 'scope_needed', `That needs an API token with the scope ${scope}.`);
export const keyInUse = () =>
  new AppError(409, {
    code: 'idempotency_key_in_use',
    message:
      'The request that came first with this Idempotency-Key is still being answered. Send it again in a second.',
    retryable: true,
    blame: 'caller',
  });
export const keyReused = () =>
  caller(
    422,
    'idempotency_key_reused',
    'This Idempotency-Key came with another request before. Use a new one for each thing that is to be made.',
  );
export const linkInvalid = () =>
  caller(404, 'link_invalid', 'This link does not work (any more). Ask your host for a new one.');
export const downloadLinkEnded = () =>
  caller(
    403,
    'download_link_ended',
    'This download link has ended, is not whole, or is not yours. Open the page of the recording, and download from there.',
  );
export const shareEnded = () =>
  caller(
    404,
    'share_ended',
    'This link has expired or was ended, or it is not whole. Ask whoever sent it for a new one.',
  );
export const memberInvitationInvalid = () =>
  caller(
    404,
    'link_invalid',
    'This invitation has expired, was withdrawn, or has been answered. Ask whoever invited you for a new one.',
  );
export const membershipEnded = () =>
  caller(403, 'membership_ended', 'You are no longer a member of this organization. Ask one of its owners.');
export const credentialInvalid = () =>
  caller(401, 'credential_invalid', 'Your place in this session is no longer valid. Open your link again.');
export const forbidden = (who: string, what: string) => caller(403, 'forbidden', `Only ${who} can ${what}.`);
export const roleNeeded = (who: string, what: string) =>
  caller(403, 'forbidden', `Only ${who} of the organization can ${what}.`);
export const signInAgain = () =>
  caller(
    403,
    'sign_in_again',
    'That needs a fresh sign-in. Sign out, sign in again, and do it within 15 minutes.',
  );
/** @param eraseAfter ISO 8601, UTC */
export const organizationClosing = (eraseAfter: string) =>
  caller(
    403,
    'organization_closing',
    `This organization is to be deleted on ${eraseAfter.slice(0, 16).replace('T', ' ')} UTC, and can only be read until then. An owner can undo that on any page.`,
  );
export const organizationClosed = () =>
  caller(
    403,
    'organization_closed',
    'This organization is to be deleted, and nobody can be in its sessions. An owner can undo that on any page.',
  );
export const organizationGone = () =>
  caller(
    410,
    'organization_gone',
    'The organization that this link is from is gone, or about to be. Ask whoever sent it to you.',
  );
export const crossOrigin = () =>
  caller(403, 'cross_origin', 'That request came from another site and was refused.');
export const notFound = (what: string) =>
  caller(404, 'not_found', `There is no such ${what}, or it is not yours.`);
export const conflict = (message: string) => caller(409, 'conflict', message);
export const tooLarge = () => caller(413, 'too_large', 'That message is larger than this server accepts.');
export const planPeople = (people: number) =>
  planLimit(
    `The room is full: the plan of this organization allows ${people} people at a time. Somebody has to leave first, or an owner of the organization to choose a larger plan.`,
  );
export const planHours = (hours: number) =>
  planLimit(
    `The ${hours} hours of recording that the plan has each month are used up. An owner of the organization can choose a larger plan; or wait until the next month.`,
  );
export const planMembers = (members: number) =>
  planLimit(
    `The plan of this organization has room for ${members} members. Somebody has to leave first, or an owner to choose a larger plan.`,
  );
export const planOwnKeys = () =>
  planLimit(
    'The plan of this organization has no keys of one’s own. An owner can choose a larger plan; what is locked by a key of yours stays so.',
  );
export const planRetention = (plan: string, days: number) =>
  planLimit(
    `The plan of this organization, ${plan}, keeps recordings for ${days} days at most. Choose no longer time, or have an owner choose a larger plan.`,
  );
export const planFormat = (format: string) =>
  planLimit(
    `${format} is not made in the plan of this organization. An owner can choose a larger plan; the stems themselves can be downloaded in any.`,
  );
export const waitForHost = () => caller(409, 'wait_for_host', 'Wait until the host lets you in.');
export const notAdmitted = () =>
  caller(
    403,
    'not_admitted',
    'The host did not let you in. If that was a mistake, ask your host, and knock again.',
  );
export const removedFromSession = () =>
  caller(403, 'removed', 'The host has removed you from this session. Ask them for a new link to come back.');
export const sessionLocked = () =>
  caller(
    403,
    'session_locked',
    'The host has locked the room: nobody new can come in. Ask them to unlock it.',
  );
export const sessionEnded = () =>
  caller(
    403,
    'session_ended',
    'The host has ended this session. You can join again when they open it again.',
  );
export const sessionFull = () =>
  caller(409, 'session_full', 'Too many people wait to be let in. Try again in a few minutes.');
export const joinFirst = () => caller(409, 'join_first', 'Join the room before doing that.');
export const replacedByNewerTab = () =>
  caller(
    409,
    'replaced_by_newer_tab',
    'You joined from another tab or device. Go on there, or join here again.',
  );
export const recordingRefused = (reason: string, cause?: unknown) =>
  upstream(503, 'recording_refused', `The recording was not started: ${reason}`, cause);
export const nodeUnavailable = (what: string) =>
  upstream(503, 'node_unavailable', `The ${what} is not reachable right now. Try again in a few seconds.`);
/** Not tried again by itself: people have to know why they do not get in. */
export const noNodeInRegion = (what: string, region: string) =>
  new AppError(503, {
    code: 'no_node_in_region',
    message: `No ${what} of the region ${region} is reachable right now, and what your organization records goes to no other. Try again in a few minutes, or tell whoever runs this server.`,
    retryable: false,
    blame: 'upstream',
  });
export const wrongRegion = (region: string) =>
  upstream(
    503,
    'wrong_region',
    `This worker does not keep what is recorded in the region ${region}. Whoever runs this server should check NODE_REGION and WORKER_URL_CA, WORKER_URL_FR.`,
  );
export const unavailable = (what: string, cause?: unknown) =>
  upstream(503, 'unavailable', `The ${what} is not reachable right now. Try again in a few seconds.`, cause);
/** The organization's own key, in AWS. */
export const keyRefused = (cause?: unknown) =>
  upstream(
    503,
    'key_refused',
    'This organization’s own key does not open the recording right now. Nothing is lost. An owner sees under “Keys” what to do.',
    cause,
  );
export const erased = () => caller(410, 'erased', 'This recording was erased. Nothing can bring it back.');
export const timedOut = (what: string) =>
  upstream(504, 'timed_out', `${what} did not answer in time. Try again.`);
export const internal = (cause?: unknown) =>
  new AppError(
    500,
    {
      code: 'internal',
      message: 'Something went wrong on our side. It has been logged; try again.',
      retryable: true,
      blame: 'us',
    },
    cause,
  );
/** An error that another of our processes, or the server, has already rendered. */
export const remote = (body: ErrorBody) => new AppError(body.blame === 'caller' ? 400 : 503, body);
