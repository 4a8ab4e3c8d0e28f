import type {
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
  | { kind: 'muted' }
  | { kind: 'unmuted' }
  /** From here to the next packet what came was dropped: the recorder's disk took nothing, and its memory was full. */
  | { kind: 'dropped' }
  | { kind: 'closed'; cause: string }
  /** Packets that never arrived, found when the reorder window had passed. */
  | { kind: 'lost'; packets: number; fromUs: number; toUs: number };

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
