import type { z } from 'zod';
import type {
  dtlsParameters,
  NetworkProbe,
  OrganizationId,
  Region,
  SessionId,
  SessionSettings,
} from '../protocol/index.ts';

type DtlsParameters = z.output<typeof dtlsParameters>;

/** What HTTP needs of the live rooms. */
export interface RoomsPort {
  /** An invitation of this organization was revoked, or a membership ended: whoever came in by it has to go. */
  dismissRevoked(organizationId: OrganizationId): Promise<void>;
  /** How a session treats those who come was changed, and written down. */
  settingsChanged(
    place: { organizationId: OrganizationId; sessionId: SessionId },
    settings: SessionSettings,
  ): Promise<void>;
  /** Has the SFU that this session would be on open a transport for a try. @throws `node_unavailable` */
  openProbe(
    place: { sessionId: SessionId; region: Region },
    dtlsParameters: DtlsParameters,
  ): Promise<NetworkProbe>;
}
