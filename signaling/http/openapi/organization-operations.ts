import { rest } from '../../protocol/index.ts';
import type { Operations } from './operation.ts';

const bytes = { file: 'application/octet-stream' };
const auditQuery = rest.auditFilter.extend(rest.pageQuery.shape);

/** Of the organization: its people, its audit log, its tokens and webhooks. */
export const organizationOperations: Operations = {
  'PATCH /organization': {
    summary: 'Rename the organization',
    needs: 'admin',
    body: rest.updateOrganization,
    answers: { 200: rest.me },
  },
  'GET /organization/keeping': {
    summary: 'How long recordings are kept, and whether all of them are held',
    needs: 'member',
    answers: { 200: rest.organizationKeeping },
  },
  'PATCH /organization/keeping': {
    summary:
      'Keep recordings for so many days, for ever, or as long as the plan allows; nothing is deleted within a week of being told',
    needs: 'admin',
    body: rest.updateKeeping,
    answers: { 200: rest.organizationKeeping },
  },
  'POST /organization/hold': {
    summary: 'Have nobody delete any recording of the organization',
    needs: 'admin',
    body: rest.placeHold,
    answers: { 204: 'nothing' },
    whileClosing: true,
  },
  'DELETE /organization/hold': {
    summary: 'Release the hold on the organization',
    needs: 'admin',
    answers: { 204: 'nothing' },
    whileClosing: true,
  },
  'GET /notices': {
    summary: 'What was announced of the terms, the privacy policy and our sub-processors, newest first',
    needs: 'member',
    answers: { 200: rest.noticeList },
  },
  'POST /notices/:noticeId/acknowledgement': {
    summary: 'Take note of it, for the organization',
    needs: 'owner',
    answers: { 204: 'nothing' },
  },
  'POST /organization/deletion': {
    summary:
      'Have the organization erased in seven days, and closed to changes until then; takes a sign-in of the last 15 minutes',
    needs: 'owner',
    body: rest.deleteOrganization,
    answers: { 202: rest.me },
    whileClosing: true,
  },
  'DELETE /organization/deletion': {
    summary: 'Keep the organization after all',
    needs: 'owner',
    answers: { 200: rest.me },
    whileClosing: true,
  },
  'GET /organization/members': {
    summary: 'The members; with the first page, the invitations that wait for an answer',
    needs: 'member',
    scope: 'members:read',
    query: rest.pageQuery,
    answers: { 200: rest.members },
  },
  'POST /organization/invitations': {
    summary: 'Invite a member by mail, or by a link to be handed on; an older one to that address ends',
    needs: 'admin',
    body: rest.inviteMember,
    answers: { 201: rest.madeMemberInvitation },
    once: true,
  },
  'DELETE /organization/invitations/:memberInvitationId': {
    summary: 'Withdraw an invitation',
    needs: 'admin',
    answers: { 204: 'nothing' },
  },
  'PATCH /organization/members/:accountId': {
    summary: 'Change a member’s role',
    needs: 'admin',
    body: rest.changeMember,
    answers: { 204: 'nothing' },
  },
  'DELETE /organization/members/:accountId': {
    summary: 'Remove a member, or leave',
    needs: 'member',
    answers: { 204: 'nothing' },
  },
  'POST /organization/transfer': {
    summary: 'Make another member the owner, and oneself admin',
    needs: 'owner',
    body: rest.transferOwnership,
    answers: { 204: 'nothing' },
  },
  'GET /organization/exports': {
    summary: 'The exports of the organization, newest first',
    needs: 'owner',
    query: rest.pageQuery,
    answers: { 200: rest.exportList },
  },
  'POST /organization/exports': {
    summary: 'Order an export of all of it, encrypted; needs a recent sign-in',
    needs: 'owner',
    body: rest.orderExport,
    answers: { 202: rest.exportState },
  },
  'DELETE /organization/exports/:exportId': {
    summary: 'Cancel an export',
    needs: 'owner',
    answers: { 204: 'nothing' },
  },
  'GET /organization/exports/:exportId/file': {
    summary: 'The file (tar, encrypted by age); a part of it with Range',
    needs: 'owner',
    query: rest.downloadQuery,
    answers: { 200: bytes, 206: bytes },
  },
  'GET /organization/audit': {
    summary: 'The audit log, newest first',
    needs: 'admin',
    scope: 'audit:read',
    query: auditQuery,
    answers: { 200: rest.auditPage },
  },
  'GET /organization/audit.csv': {
    summary: 'The audit log as CSV, all of it that the filter lets through',
    needs: 'admin',
    scope: 'audit:read',
    query: rest.auditFilter,
    answers: { 200: { file: 'text/csv' } },
  },
  'GET /organization/audit.jsonl': {
    summary: 'The audit log as JSON, an entry a line',
    needs: 'admin',
    scope: 'audit:read',
    query: rest.auditFilter,
    answers: { 200: { file: 'application/jsonl' } },
  },
  'GET /organization/tokens': {
    summary: 'The API tokens, without their secrets',
    needs: 'admin',
    answers: { 200: rest.apiTokenList },
  },
  'POST /organization/tokens': {
    summary: 'Make an API token; it is shown this once',
    needs: 'admin',
    body: rest.createApiToken,
    answers: { 201: rest.createdApiToken },
    once: true,
  },
  'DELETE /organization/tokens/:tokenId': {
    summary: 'Revoke an API token',
    needs: 'admin',
    answers: { 204: 'nothing' },
  },
  'GET /organization/keys': {
    summary: 'By which key recordings are locked',
    needs: 'owner',
    answers: { 200: rest.organizationKeys },
  },
  'POST /organization/keys': {
    summary: 'Bring a key of one’s own in AWS KMS; it is used when a trial has shown that it works',
    needs: 'owner',
    body: rest.bringKey,
    answers: { 202: rest.organizationKeys },
  },
  'DELETE /organization/keys': {
    summary: 'Use the installation’s key again; all recordings are locked by that',
    needs: 'owner',
    answers: { 202: rest.organizationKeys },
  },
  'GET /organization/webhooks': {
    summary: 'The webhooks',
    needs: 'admin',
    answers: { 200: rest.webhookList },
  },
  'POST /organization/webhooks': {
    summary: 'Make a webhook; its secret is shown this once',
    needs: 'admin',
    body: rest.createWebhook,
    answers: { 201: rest.createdWebhook },
    once: true,
  },
  'PATCH /organization/webhooks/:webhookId': {
    summary: 'Change what a webhook is told of, or switch it on or off',
    needs: 'admin',
    body: rest.updateWebhook,
    answers: { 200: rest.webhook },
  },
  'DELETE /organization/webhooks/:webhookId': {
    summary: 'Delete a webhook with all it was sent',
    needs: 'admin',
    answers: { 204: 'nothing' },
  },
  'POST /organization/webhooks/:webhookId/test': {
    summary: 'Send it a message of the type webhook.test',
    needs: 'admin',
    answers: { 202: rest.delivery },
  },
  'GET /organization/webhooks/:webhookId/deliveries': {
    summary: 'What it was sent in the last 30 days, and what it answered; newest first',
    needs: 'admin',
    query: rest.pageQuery,
    answers: { 200: rest.deliveryPage },
  },
  'POST /organization/webhooks/:webhookId/deliveries/:deliveryId/replay': {
    summary: 'Send a message once more, with the same webhook-id',
    needs: 'admin',
    answers: { 202: rest.delivery },
  },
};
