import { z } from 'zod';
import { type MemberRole, networkProbe, type PaidPlan, type Retention, rest } from './protocol.ts';
import { API, request } from './request.ts';

/** The REST API for whoever is signed in, one function an endpoint. Each throws AppError, in words that can be shown. */

const nothing = z.unknown();
const id = encodeURIComponent;
const behind = (cursor: string | null) => (cursor === null ? '' : `?cursor=${id(cursor)}`);

/** All members, however many pages they take. */
async function members(): Promise<rest.Members> {
  const page = (cursor: string | null) =>
    request('GET', `/organization/members${behind(cursor)}`, rest.members);
  const all = await page(null);
  for (let { next } = all; next !== null; ) {
    const more = await page(next);
    all.members.push(...more.members);
    next = more.next;
  }
  return { ...all, next: null };
}

export const api = {
  me: () => request('GET', '/me', rest.me),
  requestCode: (email: string) => request('POST', '/sign-in/codes', nothing, { email }),
  signIn: (body: z.input<typeof rest.signIn>) => request('POST', '/sign-in', rest.me, body),
  signInByLink: (token: string) => request('POST', '/sign-in/link', rest.me, { token }),
  passkeys: () => request('GET', '/me/passkeys', rest.passkeyList),
  passkeyToMake: () => request('POST', '/me/passkeys/options', rest.passkeyOptions, {}),
  addPasskey: (answer: unknown) => request('POST', '/me/passkeys', nothing, answer),
  removePasskey: (credentialId: string) => request('DELETE', `/me/passkeys/${id(credentialId)}`, nothing),
  passkeyToAsk: () => request('POST', '/sign-in/passkey/options', rest.passkeyOptions, {}),
  signInByPasskey: (answer: unknown) => request('POST', '/sign-in/passkey', rest.me, answer),
  requestDeletion: (email: string) => request('POST', '/me/deletion', rest.accountDeletion, { email }),
  keepAccount: () => request('DELETE', '/me/deletion', rest.me),
  emailChange: () => request('GET', '/me/email-change', rest.emailChangeState),
  requestEmailChange: (email: string) => request('POST', '/me/email-change', rest.emailChange, { email }),
  confirmEmailChange: (codes: z.input<typeof rest.confirmEmailChange>) =>
    request('POST', '/me/email-change/confirm', rest.me, codes),
  giveUpEmailChange: () => request('DELETE', '/me/email-change', nothing),
  devices: () => request('GET', '/me/devices', rest.deviceList),
  signOutDevice: (deviceId: string) => request('DELETE', `/me/devices/${id(deviceId)}`, nothing),
  signOutEverywhere: () => request('POST', '/sign-out/everywhere', nothing, {}),
  signOut: () => request('POST', '/sign-out', nothing, {}),
  updateMe: (body: z.input<typeof rest.updateMe>) => request('PATCH', '/me', rest.me, body),

  createOrganization: (body: z.input<typeof rest.createOrganization>) =>
    request('POST', '/organizations', rest.me, body),
  switchOrganization: (organizationId: string) =>
    request('POST', '/organizations/current', rest.me, { organizationId }),
  deleteOrganization: (name: string) => request('POST', '/organization/deletion', rest.me, { name }),
  keepOrganization: () => request('DELETE', '/organization/deletion', rest.me),
  renameOrganization: (name: string) => request('PATCH', '/organization', rest.me, { name }),
  notices: () => request('GET', '/notices', rest.noticeList),
  acknowledgeNotice: (noticeId: string) =>
    request('POST', `/notices/${id(noticeId)}/acknowledgement`, nothing, {}),
  keeping: () => request('GET', '/organization/keeping', rest.organizationKeeping),
  changeKeeping: (retention: Retention) =>
    request('PATCH', '/organization/keeping', rest.organizationKeeping, { retention }),
  /** @param path of what is to be held: `/organization`, `/sessions/…`, `/recordings/…` */
  placeHold: (path: string, reason: string) => request('POST', `${path}/hold`, nothing, { reason }),
  releaseHold: (path: string) => request('DELETE', `${path}/hold`, nothing),
  members,
  changeMember: (accountId: string, role: MemberRole) =>
    request('PATCH', `/organization/members/${id(accountId)}`, nothing, { role }),
  removeMember: (accountId: string) => request('DELETE', `/organization/members/${id(accountId)}`, nothing),
  transferOwnership: (accountId: string) => request('POST', '/organization/transfer', nothing, { accountId }),
  inviteMember: (email: string, role: 'admin' | 'member', by: 'mail' | 'link' = 'mail') =>
    request('POST', '/organization/invitations', rest.madeMemberInvitation, { email, role, by }),
  withdrawMemberInvitation: (memberInvitationId: string) =>
    request('DELETE', `/organization/invitations/${id(memberInvitationId)}`, nothing),
  previewMemberInvitation: (token: string) =>
    request('POST', '/member-invitations/preview', rest.memberInvitationPreview, { token }),
  acceptMemberInvitation: (token: string) =>
    request('POST', '/member-invitations/accept', rest.me, { token }),
  declineMemberInvitation: (token: string) =>
    request('POST', '/member-invitations/decline', nothing, { token }),
  audit: (query: string) => request('GET', `/organization/audit?${query}`, rest.auditPage),

  keys: () => request('GET', '/organization/keys', rest.organizationKeys),
  bringKey: (body: z.input<typeof rest.bringKey>) =>
    request('POST', '/organization/keys', rest.organizationKeys, body),
  giveBackKey: () => request('DELETE', '/organization/keys', rest.organizationKeys),
  billing: () => request('GET', '/organization/billing', rest.billing),
  changePlan: (plan: z.input<typeof rest.changePlan>['plan']) =>
    request('PATCH', '/organization/billing', rest.billing, { plan }),
  orderPlan: (plan: PaidPlan) => request('POST', '/organization/billing/checkout', rest.leadsTo, { plan }),
  openPortal: () => request('POST', '/organization/billing/portal', rest.leadsTo, {}),

  tokens: () => request('GET', '/organization/tokens', rest.apiTokenList),
  createToken: (body: z.input<typeof rest.createApiToken>) =>
    request('POST', '/organization/tokens', rest.createdApiToken, body),
  revokeToken: (tokenId: string) => request('DELETE', `/organization/tokens/${id(tokenId)}`, nothing),
  webhooks: () => request('GET', '/organization/webhooks', rest.webhookList),
  createWebhook: (body: z.input<typeof rest.createWebhook>) =>
    request('POST', '/organization/webhooks', rest.createdWebhook, body),
  changeWebhook: (webhookId: string, body: z.input<typeof rest.updateWebhook>) =>
    request('PATCH', `/organization/webhooks/${id(webhookId)}`, rest.webhook, body),
  removeWebhook: (webhookId: string) => request('DELETE', `/organization/webhooks/${id(webhookId)}`, nothing),
  testWebhook: (webhookId: string) =>
    request('POST', `/organization/webhooks/${id(webhookId)}/test`, rest.delivery, {}),
  deliveries: (webhookId: string, cursor: string | null = null) =>
    request('GET', `/organization/webhooks/${id(webhookId)}/deliveries${behind(cursor)}`, rest.deliveryPage),
  replayDelivery: (webhookId: string, deliveryId: string) =>
    request(
      'POST',
      `/organization/webhooks/${id(webhookId)}/deliveries/${id(deliveryId)}/replay`,
      rest.delivery,
      {},
    ),

  sessions: (filter: { when: 'upcoming' | 'past'; search: string; cursor?: string | null }) => {
    const { when, search, cursor } = filter;
    const query = new URLSearchParams({ when, ...(search !== '' && { search }), ...(cursor && { cursor }) });
    return request('GET', `/sessions?${query}`, rest.sessionList);
  },
  createSession: (body: z.input<typeof rest.createSession>) =>
    request('POST', '/sessions', rest.sessionSummary, body),
  session: (sessionId: string) => request('GET', `/sessions/${id(sessionId)}`, rest.sessionDetail),
  configureSession: (sessionId: string, body: z.input<typeof rest.configureSession>) =>
    request('PATCH', `/sessions/${id(sessionId)}`, nothing, body),
  createInvitation: (sessionId: string, body: z.input<typeof rest.createInvitation>) =>
    request('POST', `/sessions/${id(sessionId)}/invitations`, rest.createdInvitation, body),
  revokeInvitation: (sessionId: string, invitationId: string) =>
    request('DELETE', `/sessions/${id(sessionId)}/invitations/${id(invitationId)}`, nothing),

  probeAsMember: (sessionId: string, body: z.input<typeof rest.network>) =>
    request('POST', `/sessions/${id(sessionId)}/network`, networkProbe, body),
  hostSeat: (sessionId: string, body: z.input<typeof rest.hostSeat>) =>
    request('POST', `/sessions/${id(sessionId)}/host-seat`, rest.seat, body),

  recording: (recordingId: string) => request('GET', `/recordings/${id(recordingId)}`, rest.recordingDetail),
  deleteRecording: (recordingId: string) =>
    request('DELETE', `/recordings/${id(recordingId)}`, rest.deletion),
  exports: () => request('GET', '/organization/exports?limit=20', rest.exportList),
  orderExport: (wanted: rest.OrderExport) =>
    request('POST', '/organization/exports', rest.exportState, wanted),
  cancelExport: (exportId: string) => request('DELETE', `/organization/exports/${id(exportId)}`, nothing),
  ownExports: () => request('GET', '/me/exports?limit=20', rest.exportList),
  orderOwnExport: (lock: Omit<rest.OrderExport, 'what'>) =>
    request('POST', '/me/exports', rest.exportState, lock),
  cancelOwnExport: (exportId: string) => request('DELETE', `/me/exports/${id(exportId)}`, nothing),
  deletions: () => request('GET', '/deletions?limit=100', rest.deletionList),
  undoDeletion: (recordingId: string) => request('DELETE', `/deletions/${id(recordingId)}`, nothing),
  /** @param url as the recording tells it: the link is signed */
  certificate: (url: string) => request('GET', url.replace(API, ''), rest.certificate),
  addMarker: (recordingId: string, body: z.input<typeof rest.addMarker>) =>
    request('POST', `/recordings/${id(recordingId)}/markers`, rest.marker, body),
  changeMarker: (recordingId: string, markerId: string, body: z.input<typeof rest.changeMarker>) =>
    request('PATCH', `/recordings/${id(recordingId)}/markers/${id(markerId)}`, rest.marker, body),
  removeMarker: (recordingId: string, markerId: string) =>
    request('DELETE', `/recordings/${id(recordingId)}/markers/${id(markerId)}`, nothing),
  orderRender: (recordingId: string, body: z.input<typeof rest.orderRender>) =>
    request('POST', `/recordings/${id(recordingId)}/renders`, rest.render, body),
  cancelRender: (recordingId: string, renderId: string) =>
    request('DELETE', `/recordings/${id(recordingId)}/renders/${id(renderId)}`, nothing),
  shares: (recordingId: string) => request('GET', `/recordings/${id(recordingId)}/shares`, rest.shareList),
  createShare: (recordingId: string, body: z.input<typeof rest.createShare>) =>
    request('POST', `/recordings/${id(recordingId)}/shares`, rest.createdShare, body),
  endShare: (recordingId: string, shareId: string) =>
    request('DELETE', `/recordings/${id(recordingId)}/shares/${id(shareId)}`, nothing),
  /** @param body `again`: the page is open, and looks once more */
  openShare: (body: z.input<typeof rest.openShare>) => request('POST', '/shared', rest.sharedRecording, body),
  renderStems: (recordingId: string, all: boolean) =>
    request('POST', `/recordings/${id(recordingId)}/stems`, nothing, { all }),
};
