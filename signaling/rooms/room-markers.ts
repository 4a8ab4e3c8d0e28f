import { randomUUID } from 'node:crypto';
import {
  errors,
  leaders,
  type MarkerId,
  markerId as markerIdSchema,
  type OrganizationId,
  type ParticipantId,
  type RecordingId,
  rest,
} from '../protocol/index.ts';
import { RateLimit } from '../rate-limit.ts';
import type { Recording } from './recording.ts';
import type { RoomDependencies } from './rooms.ts';
import type { Seat } from './seat.ts';

type Marker = rest.Marker;

/**
 * The markers that people set while it records. The room has them at once; they are written down behind it, so that one
 * is set also while the database is away for a moment.
 */
export class RoomMarkers {
  readonly #organizationId: OrganizationId;
  readonly #catalogue: RoomDependencies['catalogue'];
  readonly #current: () => Recording | null;
  readonly #tell: (marker: Marker) => void;
  readonly #limit = new RateLimit({ burst: 10, everyMs: 1000 });
  /** Of one recording, with who set them where that is known. */
  #set: {
    recordingId: RecordingId;
    markers: Map<MarkerId, { marker: Marker; by: ParticipantId | null }>;
  } | null = null;

  constructor(options: {
    organizationId: OrganizationId;
    catalogue: RoomDependencies['catalogue'];
    /** The room's recording. */
    current: () => Recording | null;
    tell: (marker: Marker) => void;
  }) {
    this.#organizationId = options.organizationId;
    this.#catalogue = options.catalogue;
    this.#current = options.current;
    this.#tell = options.tell;
  }

  /** Of the room's recording, in the order in which they were set. */
  get list(): Marker[] {
    if (this.#set === null || this.#set.recordingId !== this.#current()?.recordingId) return [];
    return [...this.#set.markers.values()].map(({ marker }) => marker);
  }

  /** @throws `conflict` when nothing is being recorded; `too_many_requests` */
  add({ participantId, displayName }: Seat, { name, agoMs }: { name: string; agoMs: number }): Marker {
    const recording = this.#current();
    if (recording?.active !== true)
      throw errors.conflict('Nothing is being recorded, so there is nothing to mark.');
    if (this.#limit.take(participantId) > 0) throw errors.tooManyRequests('markers', 'a few seconds');
    const markers = this.#markersOf(recording.recordingId);
    if (markers.size >= rest.MOST_MARKERS)
      throw errors.conflict(`A recording has ${rest.MOST_MARKERS} markers at most. Remove some on its page.`);
    const markerId = markerIdSchema.parse(randomUUID());
    const marker = {
      markerId,
      atMs: Math.max(0, recording.view.elapsedMs - agoMs),
      name,
      madeBy: displayName,
    };
    markers.set(markerId, { marker, by: participantId });
    this.#catalogue.noteMarker(this.#organizationId, recording.recordingId, marker, participantId);
    this.#tell(marker);
    return marker;
  }

  /** @throws `not_found`; `forbidden` for somebody else's, unless a host or co-host asks */
  rename({ participantId, role }: Seat, markerId: MarkerId, name: string): Marker {
    const known = this.#set?.markers.get(markerId);
    if (this.#set === null || known === undefined) throw errors.notFound('marker');
    if (known.by !== participantId && !leaders.includes(role))
      throw errors.forbidden('whoever set it, a host or a co-host', 'rename a marker');
    known.marker = { ...known.marker, name };
    this.#catalogue.noteMarkerName(this.#organizationId, this.#set.recordingId, { markerId, name });
    this.#tell(known.marker);
    return known.marker;
  }

  /** A recording has been found again after a restart of ours, and with it what was marked before. */
  async found(recordingId: RecordingId): Promise<void> {
    for (const marker of await this.#catalogue.markersOf(this.#organizationId, recordingId)) {
      const markers = this.#markersOf(recordingId);
      if (markers.has(marker.markerId)) continue;
      markers.set(marker.markerId, { marker, by: null });
      this.#tell(marker);
    }
  }

  #markersOf(recordingId: RecordingId) {
    if (this.#set?.recordingId !== recordingId) this.#set = { recordingId, markers: new Map() };
    return this.#set.markers;
  }
}
