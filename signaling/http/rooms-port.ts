import type { OrganizationId } from '../protocol/index.ts';

/** What HTTP needs of the live rooms. */
export interface RoomsPort {
  /** An invitation of this organization was revoked, or a membership ended: whoever came in by it has to go. */
  dismissRevoked(organizationId: OrganizationId): Promise<void>;
}
