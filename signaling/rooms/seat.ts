import type {
  AccountId,
  OrganizationId,
  ParticipantId,
  Region,
  SessionId,
  SessionRole,
} from '../protocol/index.ts';

/** One person's place in one session: whose it is, and what they may do there. */
export interface Seat {
  organizationId: OrganizationId;
  sessionId: SessionId;
  sessionTitle: string;
  region: Region;
  participantId: ParticipantId;
  /** null: they came by a link */
  accountId: AccountId | null;
  displayName: string;
  role: SessionRole;
}
