import { type Actor, audit } from '@cratersync/db';
import type { Request, Response } from 'express';
import { tokenOf } from '../accounts/api-tokens.ts';
import type { AccountId } from '../protocol/index.ts';

/** Who asked for something, and from where: what every entry of the audit log begins with. */
export interface Asked {
  actor: Actor;
  address: string;
  requestId: string;
}

/** Somebody who shows a secret, and is nobody whom we know. */
export const askedBySomebody = (request: Request, response: Response): Asked => ({
  ...audit.nobody,
  address: request.ip ?? '',
  requestId: String(response.locals['requestId']),
});

/** @param accountId who is signed in; where a token asks instead, the token is the actor */
export function askedBy(accountId: AccountId, request: Request, response: Response): Asked {
  const token = tokenOf(request);
  return {
    actor: token === undefined ? { kind: 'account', id: accountId } : { kind: 'token', id: token.tokenId },
    address: request.ip ?? '',
    requestId: String(response.locals['requestId']),
  };
}

/** Every action that is written down; the target is what it was done to. */
export type AuditedAction =
  | 'organization.created'
  | 'organization.renamed'
  | 'organization.deletion-requested'
  | 'organization.deletion-undone'
  | 'member.invited'
  | 'member.invitation-revoked'
  | 'member.invitation-declined'
  | 'member.joined'
  | 'member.role-changed'
  | 'member.removed'
  | 'member.left'
  | 'member.address-changed'
  | 'member.deletion-requested'
  | 'member.deletion-undone'
  | 'member.deleted'
  | 'session.created'
  | 'session.renamed'
  | 'guest-link.created'
  | 'guest-link.revoked'
  | 'recording.downloaded'
  | 'recording.started'
  | 'recording.refused'
  | 'recording.stopped'
  | 'recording.paused'
  | 'recording.resumed'
  | 'recording.deleted'
  | 'recording.restored'
  | 'recording.erased'
  | 'share.created'
  | 'share.opened'
  | 'share.downloaded'
  | 'share.ended'
  | 'recording.expired'
  | 'keeping.changed'
  | 'hold.placed'
  | 'hold.released'
  | 'notice.acknowledged'
  | 'export.ordered'
  | 'export.cancelled'
  | 'export.downloaded'
  | 'export.finished'
  | 'export.failed'
  | 'export.expired'
  | 'session.lobby-switched'
  | 'session.lock-switched'
  | 'session.ended'
  | 'participant.role-changed'
  | 'participant.removed'
  | 'token.created'
  | 'token.revoked'
  | 'key.brought'
  | 'key.taken-up'
  | 'key.given-back'
  | 'key.rotated'
  | 'webhook.created'
  | 'webhook.changed'
  | 'webhook.replayed'
  | 'webhook.deleted'
  | 'webhook.disabled'
  | 'plan.ordered'
  | 'plan.changed'
  | 'plan.seats-changed'
  | 'plan.end-planned'
  | 'plan.end-recalled'
  | 'plan.granted';

export type TargetKind =
  | 'organization'
  | 'member'
  | 'member-invitation'
  | 'session'
  | 'guest-link'
  | 'recording'
  | 'export'
  | 'participant'
  | 'token'
  | 'webhook'
  | 'notice'
  | 'share';

export const entry = (
  asked: Asked,
  action: AuditedAction,
  target: { kind: TargetKind; id: string },
  details: audit.Done['details'] = {},
): audit.Done => ({ ...asked, action, target, details });
