import {
  kindOf,
  type MediaKind,
  type OrganizationId,
  type Region,
  type RoomEvent,
  type RoomEventBody,
  type SessionId,
  type TrackId,
} from '../protocol/index.ts';
import type { SfuLink } from './nodes.ts';
import type { LiveProducer } from './recording.ts';

/** What the recording needs of its room. */
export interface RecordedRoom {
  readonly organizationId: OrganizationId;
  readonly sessionId: SessionId;
  /** Whose recorders may have it. */
  region(): Region | null;
  readonly producers: readonly LiveProducer[];
  /** The taps that the SFU held when signaling came back. */
  readonly standingTaps: readonly { tapId: string; trackId: TrackId; paused: boolean }[];
  /** null while the room has no reachable SFU */
  sfu(): SfuLink | null;
  openMedia(): Promise<unknown>;
  tell<E extends RoomEvent>(event: E, body: RoomEventBody<E>): void;
}

/** What a recorder of the room has to take at once. */
export function expectedTracks({ producers }: RecordedRoom): Record<MediaKind, number> {
  const kinds = producers.map(({ source }) => kindOf(source));
  const video = kinds.filter(kind => kind === 'video').length;
  return { audio: kinds.length - video, video };
}
