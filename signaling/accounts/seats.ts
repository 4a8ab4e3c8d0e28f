import { randomUUID } from 'node:crypto';
import {
  type Database,
  inOrganization,
  invitations,
  organizations,
  participants,
  sessions,
  type Tx,
  withCapability,
} from '@cratersync/db';
import {
  type AccountId,
  errors,
  type OrganizationId,
  type ParticipantId,
  participantId as participantIdSchema,
  type rest,
  type SessionId,
} from '../protocol/index.ts';
import { hashOf, newBearer } from './secrets.ts';

/** What the green room shows before anybody has a seat. @throws `link_invalid` */
export async function previewInvitation(db: Database, token: string) {
  const { organizationId, sessionId } = await openInvitation(db, token);
  return inOrganization(db, organizationId, async tx => {
    const session = await sessions.byId(tx, sessionId);
    const organizationName = await organizations.name(tx);
    if (session === null || organizationName === null) throw errors.linkInvalid();
    return { title: session.title, organizationName };
  });
}

/** A guest's seat. Whoever still holds a credential of the same session stays the same person. @throws `link_invalid` */
export async function seatGuest(
  db: Database,
  request: { token: string; displayName: string; credential?: string | undefined },
): Promise<rest.Seat> {
  const { token, displayName, credential } = request;
  const { organizationId, sessionId, invitationId } = await openInvitation(db, token);
  const before = credential === undefined ? null : await bearerOf(db, credential);
  const same = before?.sessionId === sessionId && before.role === 'guest' ? before.participantId : null;
  return inOrganization(db, organizationId, tx =>
    take(tx, sessionId, displayName, same, { role: 'guest', invitationId }),
  );
}

/** A member's seat as host, one for each session. @throws `not_found` */
export async function seatHost(
  db: Database,
  organizationId: OrganizationId,
  request: { sessionId: SessionId; accountId: AccountId; displayName: string },
): Promise<rest.Seat> {
  const { sessionId, accountId, displayName } = request;
  return inOrganization(db, organizationId, async tx => {
    if ((await sessions.byId(tx, sessionId)) === null) throw errors.notFound('session');
    const same = await participants.ofAccount(tx, sessionId, accountId);
    return take(tx, sessionId, displayName, same, { role: 'host', accountId });
  });
}

type Occupant = Pick<Parameters<typeof participants.insert>[1], 'role'> &
  (
    | { role: 'host'; accountId: AccountId }
    | { role: 'guest'; invitationId: invitations.InvitationRow['invitationId'] }
  );

async function take(
  tx: Tx,
  sessionId: SessionId,
  displayName: string,
  same: ParticipantId | null,
  occupant: Occupant,
): Promise<rest.Seat> {
  const { secret: credential, hash: credentialHash } = newBearer(256);
  const participantId = same ?? participantIdSchema.parse(randomUUID());
  if (same !== null) await participants.renew(tx, same, { displayName, credentialHash });
  else await participants.insert(tx, { participantId, sessionId, displayName, credentialHash, ...occupant });
  return { sessionId, participantId, displayName, role: occupant.role, credential };
}

async function openInvitation(db: Database, token: string) {
  const hash = hashOf(token);
  const opened = await withCapability(db, { kind: 'invitation', hash }, tx => invitations.opened(tx));
  if (opened === null) throw errors.linkInvalid();
  return opened;
}

/** Whose credential this is; null for one that is no longer anybody's. */
export const bearerOf = (db: Database, credential: string) =>
  withCapability(db, { kind: 'credential', hash: hashOf(credential) }, tx => participants.bearer(tx));
