import {
  type Database,
  inOrganization,
  invitations,
  type OrganizationTx,
  participants,
  sessions,
  withCapability,
} from '@cratersync/db';
import { type AccountId, errors, type OrganizationId, type rest, type SessionId } from '../protocol/index.ts';
import { hashOf, newBearer } from './secrets.ts';

/** What the link's holder may know before they have a seat. @throws `link_invalid`, `organization_gone` */
export async function openInvitation(db: Database, token: string): Promise<invitations.OpenedInvitation> {
  const hash = hashOf(token);
  const opened = await withCapability(db, { kind: 'invitation', hash }, async tx => {
    const found = await invitations.open(tx);
    return found === null && (await invitations.isGone(tx)) ? 'gone' : found;
  });
  if (opened === null) throw errors.linkInvalid();
  if (opened === 'gone' || opened.closing) throw errors.organizationGone();
  return opened;
}

/** What the green room shows. @throws `link_invalid`; also when it is spent, unless who asks came by it */
export async function previewInvitation(
  db: Database,
  request: { token: string; credential?: string | undefined },
): Promise<invitations.OpenedInvitation> {
  const opened = await openInvitation(db, request.token);
  if (!opened.spent) return opened;
  const { organizationId, sessionId, invitationId } = opened;
  const earlier = await inOrganization(db, organizationId, tx => earlierSeat(tx, sessionId, request));
  if (earlier?.invitationId !== invitationId) throw errors.linkInvalid();
  return opened;
}

/**
 * The seat of whoever comes by a link. Who still holds a credential of the same session stays the same person, and is no
 * new use of the link they came by.
 * @throws `link_invalid`; `removed` for somebody who was sent out and comes by the same link
 */
export async function seatGuest(
  db: Database,
  request: { token: string; displayName: string; credential?: string | undefined },
): Promise<rest.Seat> {
  const { organizationId, sessionId, invitationId } = await openInvitation(db, request.token);
  const bearer = newBearer(256);
  const named = { displayName: request.displayName, credentialHash: bearer.hash };
  const participant = await inOrganization(db, organizationId, async tx => {
    const link = await invitations.hold(tx, invitationId);
    if (link === null) throw errors.linkInvalid();
    const earlier = await earlierSeat(tx, sessionId, request);
    if (earlier?.invitationId === invitationId) {
      if (earlier.removed) throw errors.removedFromSession();
      return participants.reseat(tx, earlier.participantId, named);
    }
    if (link.spent) throw errors.linkInvalid();
    await invitations.countUse(tx, invitationId);
    const { role } = link;
    if (earlier === null) return participants.seatGuest(tx, { sessionId, invitationId, role, ...named });
    await participants.moveToLink(tx, earlier.participantId, { invitationId, role });
    return participants.reseat(tx, earlier.participantId, named);
  });
  return seat(participant, bearer.secret);
}

const earlierSeat = async (
  tx: OrganizationTx,
  sessionId: SessionId,
  { credential }: { credential?: string | undefined },
) => (credential === undefined ? null : participants.holdByCredential(tx, sessionId, hashOf(credential)));

/** A member's seat: one for each session, however often they take it, and in whichever role. @throws `not_found` */
export async function seatMember(
  db: Database,
  organizationId: OrganizationId,
  request: { sessionId: SessionId; accountId: AccountId; displayName: string; role: 'host' | 'producer' },
): Promise<rest.Seat> {
  const bearer = newBearer(256);
  const participant = await inOrganization(db, organizationId, async tx => {
    if ((await sessions.byId(tx, request.sessionId)) === null) throw errors.notFound('session');
    return participants.seatMember(tx, { ...request, credentialHash: bearer.hash });
  });
  return seat(participant, bearer.secret);
}

const seat = (
  { sessionId, participantId, displayName, role }: participants.Participant,
  credential: string,
): rest.Seat => ({ sessionId, participantId, displayName, role, credential });
