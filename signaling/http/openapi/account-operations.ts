import { z } from 'zod';
import { rest } from '../../protocol/index.ts';
import type { Operations } from './operation.ts';

const bytes = { file: 'application/octet-stream' };
const empty = z.strictObject({});

/** Of a person: signing in, their devices and passkeys, which organization they work in. */
export const accountOperations: Operations = {
  'POST /sign-in/codes': {
    summary: 'Have a sign-in code mailed; the answer is the same whether there is an account or not',
    needs: 'nobody',
    body: rest.requestCode,
    answers: { 202: empty },
  },
  'POST /sign-in': {
    summary: 'Sign in with the code, in the browser that asked for it',
    needs: 'nobody',
    body: rest.signIn,
    answers: { 200: rest.me },
  },
  'POST /sign-in/link': {
    summary: 'Sign in with the link that is mailed after too many wrong codes',
    needs: 'nobody',
    body: rest.signInByLink,
    answers: { 200: rest.me },
  },
  'POST /sign-in/passkey/options': {
    summary: 'What a passkey has to sign',
    needs: 'nobody',
    answers: { 200: rest.passkeyOptions },
  },
  'POST /sign-in/passkey': {
    summary: 'Sign in with a passkey',
    needs: 'nobody',
    body: rest.passkeyAnswer,
    answers: { 200: rest.me },
  },
  'POST /sign-out': { summary: 'Sign out here', needs: 'nobody', answers: { 204: 'nothing' } },
  'POST /sign-out/everywhere': {
    summary: 'Sign out on all devices',
    needs: 'account',
    answers: { 204: 'nothing' },
  },
  'GET /me': { summary: 'Who is signed in', needs: 'account', answers: { 200: rest.me } },
  'PATCH /me': {
    summary: 'Change one’s name, time zone or language; the first time, found an organization, too',
    needs: 'account',
    body: rest.updateMe,
    answers: { 200: rest.me },
  },
  'POST /me/deletion': {
    summary: 'Have one’s account deleted: signed out at once, and gone for good after 30 days',
    needs: 'account',
    body: rest.requestAccountDeletion,
    answers: { 202: rest.accountDeletion },
  },
  'DELETE /me/deletion': {
    summary: 'Keep one’s account after all',
    needs: 'account',
    answers: { 200: rest.me },
  },
  'GET /me/exports': {
    summary: 'The exports of what is kept of oneself, newest first',
    needs: 'account',
    query: rest.pageQuery,
    answers: { 200: rest.exportList },
  },
  'POST /me/exports': {
    summary: 'Order an export of what is kept of oneself, encrypted; needs a recent sign-in',
    needs: 'account',
    body: rest.orderOwnExport,
    answers: { 202: rest.exportState },
  },
  'DELETE /me/exports/:exportId': {
    summary: 'Cancel an export of one’s own',
    needs: 'account',
    answers: { 204: 'nothing' },
  },
  'GET /me/exports/:exportId/file': {
    summary: 'The file (tar, encrypted by age); a part of it with Range',
    needs: 'account',
    query: rest.downloadQuery,
    answers: { 200: bytes, 206: bytes },
  },
  'GET /me/email-change': {
    summary: 'The mail address that one is moving to',
    needs: 'account',
    answers: { 200: rest.emailChangeState },
  },
  'POST /me/email-change': {
    summary: 'Have codes mailed to the old address and to the new one',
    needs: 'account',
    body: rest.requestEmailChange,
    answers: { 202: rest.emailChange },
  },
  'POST /me/email-change/confirm': {
    summary: 'Move to the new address, with both codes, in the browser that asked for them',
    needs: 'account',
    body: rest.confirmEmailChange,
    answers: { 200: rest.me },
  },
  'DELETE /me/email-change': {
    summary: 'Keep the old address',
    needs: 'account',
    answers: { 204: 'nothing' },
  },
  'GET /me/devices': {
    summary: 'Where one is signed in',
    needs: 'account',
    answers: { 200: rest.deviceList },
  },
  'DELETE /me/devices/:deviceId': {
    summary: 'Sign one device out',
    needs: 'account',
    answers: { 204: 'nothing' },
  },
  'GET /me/passkeys': {
    summary: 'One’s passkeys',
    needs: 'account',
    answers: { 200: rest.passkeyList },
  },
  'POST /me/passkeys/options': {
    summary: 'What a new passkey is made from',
    needs: 'account',
    answers: { 200: rest.passkeyOptions },
  },
  'POST /me/passkeys': {
    summary: 'Add a passkey',
    needs: 'account',
    body: rest.passkeyAnswer,
    answers: { 204: 'nothing' },
  },
  'DELETE /me/passkeys/:credentialId': {
    summary: 'Remove a passkey',
    needs: 'account',
    answers: { 204: 'nothing' },
  },
  'POST /organizations': {
    summary: 'Found another organization',
    needs: 'account',
    body: rest.createOrganization,
    answers: { 201: rest.me },
    whileClosing: true,
  },
  'POST /organizations/current': {
    summary: 'Work in another of one’s organizations, in this browser',
    needs: 'account',
    body: rest.switchOrganization,
    answers: { 200: rest.me },
    whileClosing: true,
  },
  'POST /member-invitations/preview': {
    summary: 'What an invitation into an organization leads to',
    needs: 'nobody',
    body: rest.memberInvitationToken,
    answers: { 200: rest.memberInvitationPreview },
  },
  'POST /member-invitations/accept': {
    summary: 'Become a member',
    needs: 'account',
    body: rest.memberInvitationToken,
    answers: { 200: rest.me },
  },
  'POST /member-invitations/decline': {
    summary: 'Say no to an invitation',
    needs: 'nobody',
    body: rest.memberInvitationToken,
    answers: { 204: 'nothing' },
  },
};
