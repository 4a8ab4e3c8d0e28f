import {
  organizationId,
  type ParticipantId,
  participantId,
  type RecordingId,
  recordingId,
  type Source,
  sessionId,
  source,
  type TrackId,
  trackId,
} from '@cratersync/signaling/protocol';
import { z } from 'zod';

/** The entries of the catalogue, and the rows they add up to. Instants are session time in µs. */

const count = z.number().int().nonnegative();
const ofRecording = { recordingId };
const ofTrack = { recordingId, trackId };
const ofChunk = { epoch: count, sequence: count };
const anchor = {
  bootId: z.string(),
  /** The monotonic clock of that boot at session time zero, µs. */
  zeroUs: z.number(),
  /** An instant of session time, and the wall clock then. */
  atUs: z.number(),
  wallMs: z.number(),
};
/** A LedgerState sealed with the recording's key, base64. */
const sealedLedger = z.string();

export const catalogueEntry = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('opened'),
    organizationId,
    sessionId,
    ...ofRecording,
    /** Wall clock at session time zero, ms since 1970. */
    startedAtMs: z.number(),
    /** Counts the recorders that have had it. */
    holder: z.number().int().positive(),
  }),
  /** What leads a recorder that takes over back to session time: see SessionClock. */
  z.object({ type: z.literal('anchored'), ...ofRecording, ...anchor }),
  z.object({ type: z.literal('track'), ...ofTrack, participantId, source }),
  z.object({
    type: z.literal('sealed'),
    ...ofTrack,
    ...ofChunk,
    bytes: count,
    sha256: z.string(),
    startUs: count,
    endUs: count,
    packets: count,
    /** As of this chunk's end. */
    ledger: sealedLedger.nullable(),
  }),
  z.object({ type: z.literal('stored'), ...ofTrack, ...ofChunk }),
  /** A sealed chunk that this disk has lost before it was stored. */
  z.object({ type: z.literal('damaged'), ...ofTrack, ...ofChunk }),
  z.object({ type: z.literal('ledger'), ...ofTrack, ledger: sealedLedger }),
  z.object({ type: z.literal('closing'), ...ofRecording, durationUs: count }),
  /** The sealed manifest as it is about to be stored, base64: a retry must send the same bytes. */
  z.object({ type: z.literal('manifest'), ...ofRecording, merkleRoot: z.string(), body: z.string() }),
  z.object({ type: z.literal('finalized'), ...ofRecording }),
  /** Signaling has it: nothing of it is needed here any more. */
  z.object({ type: z.literal('forgotten'), ...ofRecording }),
]);
export type CatalogueEntry = z.output<typeof catalogueEntry>;

export type Anchor = z.output<z.ZodObject<typeof anchor>>;

export interface ChunkRow {
  epoch: number;
  sequence: number;
  bytes: number;
  sha256: string;
  startUs: number;
  endUs: number;
  packets: number;
  stored: boolean;
}

export interface TrackRow {
  trackId: TrackId;
  participantId: ParticipantId;
  source: Source;
  /** In the order of their sequence numbers. */
  chunks: ChunkRow[];
  /** Those that this disk has lost. */
  damaged: ChunkRow[];
  /** The newest account of the track that is durable. */
  ledger: string | null;
}

export interface RecordingRow {
  organizationId: z.output<typeof organizationId>;
  sessionId: z.output<typeof sessionId>;
  recordingId: RecordingId;
  startedAtMs: number;
  holder: number;
  /** The newest. */
  anchor: Anchor | null;
  tracks: Map<TrackId, TrackRow>;
  /** null while it records */
  durationUs: number | null;
  manifest: { merkleRoot: string; body: string } | null;
  /** The manifest is stored. */
  finalized: boolean;
}
