import { z } from 'zod';

/** Every id is a UUID; the brands keep one kind from being passed where another is meant. */
export const organizationId = z.uuid().brand<'OrganizationId'>();
export const accountId = z.uuid().brand<'AccountId'>();
/** A browser in which an account has signed in. */
export const deviceId = z.uuid().brand<'DeviceId'>();
/** An invitation into an organization; invitationId is a guest's into one session. */
export const memberInvitationId = z.uuid().brand<'MemberInvitationId'>();
export const sessionId = z.uuid().brand<'SessionId'>();
export const invitationId = z.uuid().brand<'InvitationId'>();
export const participantId = z.uuid().brand<'ParticipantId'>();
export const recordingId = z.uuid().brand<'RecordingId'>();
/** One producer of one connection. A person who reconnects gets new tracks, and keeps one stem. */
export const trackId = z.uuid().brand<'TrackId'>();
export const stemId = z.uuid().brand<'StemId'>();
/** What was made because somebody asked for it. */
export const renderId = z.uuid().brand<'RenderId'>();
export const tokenId = z.uuid().brand<'TokenId'>();
export const webhookId = z.uuid().brand<'WebhookId'>();
/** One message to one webhook, however often it is tried. */
export const deliveryId = z.uuid().brand<'DeliveryId'>();
/** A link by which somebody without an account hears one recording. */
export const shareId = z.uuid().brand<'ShareId'>();
/** What an organization or a person takes with them. */
export const exportId = z.uuid().brand<'ExportId'>();

/** A place in a recording that somebody has given a name. */
export const markerId = z.uuid().brand<'MarkerId'>();
/** What was announced to every organization. */
export const noticeId = z.uuid().brand<'NoticeId'>();

export type OrganizationId = z.output<typeof organizationId>;
export type AccountId = z.output<typeof accountId>;
export type DeviceId = z.output<typeof deviceId>;
export type MemberInvitationId = z.output<typeof memberInvitationId>;
export type SessionId = z.output<typeof sessionId>;
export type InvitationId = z.output<typeof invitationId>;
export type ParticipantId = z.output<typeof participantId>;
export type RecordingId = z.output<typeof recordingId>;
export type TrackId = z.output<typeof trackId>;
export type StemId = z.output<typeof stemId>;
export type RenderId = z.output<typeof renderId>;
export type TokenId = z.output<typeof tokenId>;
export type WebhookId = z.output<typeof webhookId>;
export type DeliveryId = z.output<typeof deliveryId>;
export type ShareId = z.output<typeof shareId>;
export type NoticeId = z.output<typeof noticeId>;
export type ExportId = z.output<typeof exportId>;
export type MarkerId = z.output<typeof markerId>;
