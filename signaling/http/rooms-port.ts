import type { OrganizationId, SessionId, SessionSettings } from '../protocol/index.ts';

/** What HTTP needs of the live rooms. */
export interface RoomsPort {
  /** An invitation of this organization was revoked, or a membership ended: whoever came in by it has to go. */
  dismissRevoked(organizationId: OrganizationId): Promise<void>;
  /** How a session treats those who come was changed, and written down. */
  settingsChanged(
    place: { organizationId: OrganizationId; sessionId: SessionId },
    settings: SessionSettings,
  ): Promise<void>;
}
