import type {
  MediaLayers,
  OrganizationId,
  ParticipantId,
  RecordingId,
  SessionId,
  Source,
  TrackId,
} from '@cratersync/signaling/protocol';

/** What a sealed object holds. It is part of the key derivation: one kind cannot be passed off as another. */
export type Purpose = 'chunk' | 'manifest' | 'stem';

/** The plaintext header of a sealed object. 192 bytes on disk, key commitment included; docs/format.md has the layout. */
export interface SealedHeader {
  purpose: Purpose;
  organizationId: OrganizationId;
  sessionId: SessionId;
  /** The key's id is the recording's: each recording has a key of its own, so that each can be erased alone. */
  keyId: RecordingId;
  /** All zero bits for a manifest; the stem's id for a stem. */
  trackId: string;
  /** Fencing epoch of the recorder that sealed it. */
  epoch: number;
  sequence: number;
  /** Session time of the first record, µs. */
  startUs: number;
  /** SHA-256 of the previous chunk of this track; zeros for the first. */
  previousHash: Uint8Array;
  /** 32 random bytes. */
  salt: Uint8Array;
}

/**
 * One journal record: what arrived at a track, when. `atUs` is session time: µs since the recording was opened, by the
 * recorder's monotonic clock.
 */
export type JournalRecord =
  | { type: 'rtp'; atUs: number; packet: Uint8Array }
  /** One RTCP Sender Report. `ntpUs`: the NTP timestamp as µs since 1900, in the SFU's clock; see `clockId`. */
  | {
      type: 'sender-report';
      atUs: number;
      ssrc: number;
      ntpUs: number;
      rtpTimestamp: number;
      packetCount: number;
    }
  | { type: 'event'; atUs: number; event: TrackEvent };

export type TrackEvent =
  /** First record of every chunk, so that each chunk can be read alone. */
  | ({ kind: 'stream' } & StreamInfo)
  /** Second record of every chunk, for whoever has the chunks alone. */
  | ({ kind: 'track' } & TrackOrigin)
  | { kind: 'muted' }
  /** The host has paused the recording: nothing is kept, whether or not the person is muted as well. */
  | { kind: 'paused' }
  | { kind: 'unmuted' }
  | { kind: 'closed'; cause: string }
  /** Up to the next packet nothing is kept: the recorder's disk is nearly full, or takes nothing and its memory is full. */
  | { kind: 'shed' }
  /**
   * Packets that never arrived, found when the reorder window had passed. From when the last packet before them came
   * to the first one behind, as if nothing had been queued on the way; so also below.
   */
  | { kind: 'lost'; packets: number; fromUs: number; toUs: number }
  /** Nothing was sent for longer than the media's pace explains. */
  | { kind: 'silent'; fromUs: number; toUs: number }
  /** What had been recorded then, its disk has lost. */
  | { kind: 'damaged'; fromUs: number; toUs: number }
  /** The size of the pictures from here on: another camera, another simulcast layer, a window that was resized. */
  | { kind: 'resolution'; widthPx: number; heightPx: number }
  /** Which of the publisher's layers the packets are from here on, as the SFU told; null: none. */
  | ({ kind: 'layers' } & MediaLayers)
  /** The tap's sender also sends a stream that was not announced, which is dropped. */
  | { kind: 'foreign'; ssrc: number; payloadType: number }
  /** Packets arrived and were dropped: the receive buffer was full, or the track far above any sensible bitrate. */
  | { kind: 'dropped'; by: 'kernel' | 'flood'; packets: number };

/** Whose track it is, and its place in the recording. */
export interface TrackOrigin {
  participantId: ParticipantId;
  source: Source;
  /** Wall clock at session time zero, ISO 8601. */
  startedAt: string;
  /** The how-many-eth recorder of the recording received it, 1 the first; and as its how-many-eth track, from 0. */
  holder: number;
  position: number;
}

/** What the packets of a track are. */
export interface StreamInfo {
  ssrc: number;
  payloadType: number;
  /** 'audio/opus', 'video/VP8', 'video/H264' */
  mimeType: string;
  clockRateHz: number;
  channels: number;
  /** SDP fmtp parameters, as mediasoup gives them. */
  parameters: Record<string, string | number | boolean>;
  /** Streams with the same clockId have Sender Reports in one clock. */
  clockId: string;
}

export interface ManifestChunk {
  key: string;
  epoch: number;
  sequence: number;
  bytes: number;
  /** Hex. */
  sha256: string;
  startUs: number;
  endUs: number;
  packets: number;
}

export interface Gap {
  startUs: number;
  endUs: number;
  cause: (typeof gapCauses)[number];
}

/** docs/format.md says what each means. */
export const gapCauses = [
  'late',
  'muted',
  'paused',
  'left',
  'no-packets',
  'network-loss',
  'recorder-restarted',
  'recorder-full',
  'recorder-damaged',
] as const;

export interface ManifestTrack {
  trackId: TrackId;
  participantId: ParticipantId;
  source: Source;
  streams: StreamInfo[];
  chunks: ManifestChunk[];
  gaps: Gap[];
  counters: {
    packetsReceived: number;
    packetsLost: number;
    packetsDuplicate: number;
    packetsMalformed: number;
    packetsForeign: number;
    packetsDroppedByKernel: number;
    packetsDroppedByFlood: number;
    bytesReceived: number;
  };
}

export interface Manifest {
  version: 1;
  organizationId: OrganizationId;
  sessionId: SessionId;
  recordingId: RecordingId;
  /** Wall clock at session time zero, ISO 8601: the only place where the two are tied. */
  startedAt: string;
  durationUs: number;
  tracks: ManifestTrack[];
  /** Hex; over all chunks' SHA-256 in the order of the tracks and chunks above (RFC 9162 section 2.1). */
  merkleRoot: string;
}
