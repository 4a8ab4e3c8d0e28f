import {
  type Database,
  inOrganization,
  invitations,
  participants,
  sessions,
  withCapability,
} from '@cratersync/db';
import { type AccountId, errors, type OrganizationId, type rest, type SessionId } from '../protocol/index.ts';
import { hashOf, newBearer } from './secrets.ts';

/** What the link's holder may know before they have a seat. @throws `link_invalid` */
export async function openInvitation(db: Database, token: string): Promise<invitations.OpenedInvitation> {
  const hash = hashOf(token);
  const opened = await withCapability(db, { kind: 'invitation', hash }, tx => invitations.open(tx));
  if (opened === null) throw errors.linkInvalid();
  return opened;
}

/** A guest's seat. Whoever still holds a credential of the same session stays the same person. @throws `link_invalid` */
export async function seatGuest(
  db: Database,
  request: { token: string; displayName: string; credential?: string | undefined },
): Promise<rest.Seat> {
  const { organizationId, sessionId, invitationId } = await openInvitation(db, request.token);
  const bearer = newBearer(256);
  const participant = await inOrganization(db, organizationId, async tx => {
    if (!(await invitations.holdUsable(tx, invitationId))) throw errors.linkInvalid();
    return participants.seatGuest(tx, {
      sessionId,
      invitationId,
      displayName: request.displayName,
      credentialHash: bearer.hash,
      earlierCredentialHash: request.credential === undefined ? null : hashOf(request.credential),
    });
  });
  return seat(participant, bearer.secret);
}

/** A member's seat as host: one for each session, however often they take it. @throws `not_found` */
export async function seatHost(
  db: Database,
  organizationId: OrganizationId,
  request: { sessionId: SessionId; accountId: AccountId; displayName: string },
): Promise<rest.Seat> {
  const bearer = newBearer(256);
  const participant = await inOrganization(db, organizationId, async tx => {
    if ((await sessions.byId(tx, request.sessionId)) === null) throw errors.notFound('session');
    return participants.seatHost(tx, { ...request, credentialHash: bearer.hash });
  });
  return seat(participant, bearer.secret);
}

const seat = (
  { sessionId, participantId, displayName, role }: participants.Participant,
  credential: string,
): rest.Seat => ({ sessionId, participantId, displayName, role, credential });
