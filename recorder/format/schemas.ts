import {
  mediaLayers,
  organizationId,
  participantId,
  recordingId,
  sessionId,
  source,
  trackId,
} from '@cratersync/signaling/protocol';
import { z } from 'zod';
import { FormatError } from './format-error.ts';
import { gapCauses, type Manifest, type StreamInfo, type TrackEvent } from './types.ts';

/** Shapes of the JSON parts of the format. types.ts says what the fields mean. */

/** Session time. Not held to integers: a fraction in a figure must never make a recording unreadable. */
const microseconds = z.number();
const count = z.number().int().nonnegative();
const sha256Hex = z.string().regex(/^[0-9a-f]{64}$/);

const streamInfo = z.object({
  ssrc: count,
  payloadType: count,
  mimeType: z.string(),
  clockRateHz: count,
  channels: count,
  parameters: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  clockId: z.string(),
}) satisfies z.ZodType<StreamInfo>;

export const trackEvent = z.discriminatedUnion('kind', [
  streamInfo.extend({ kind: z.literal('stream') }),
  z.object({
    kind: z.literal('track'),
    participantId,
    source,
    startedAt: z.iso.datetime(),
    holder: count,
    position: count,
  }),
  z.object({ kind: z.literal('muted') }),
  z.object({ kind: z.literal('paused') }),
  z.object({ kind: z.literal('unmuted') }),
  z.object({ kind: z.literal('closed'), cause: z.string() }),
  z.object({ kind: z.literal('shed') }),
  z.object({ kind: z.literal('lost'), packets: count, fromUs: microseconds, toUs: microseconds }),
  z.object({ kind: z.literal('silent'), fromUs: microseconds, toUs: microseconds }),
  z.object({ kind: z.literal('damaged'), fromUs: microseconds, toUs: microseconds }),
  z.object({ kind: z.literal('resolution'), widthPx: count, heightPx: count }),
  mediaLayers.extend({ kind: z.literal('layers') }),
  z.object({ kind: z.literal('foreign'), ssrc: count, payloadType: count }),
  z.object({ kind: z.literal('dropped'), by: z.enum(['kernel', 'flood']), packets: count }),
]) satisfies z.ZodType<TrackEvent>;

const eventKinds: ReadonlySet<string> = new Set(trackEvent.options.map(({ shape }) => shape.kind.value));

/** What a later version of the format may add. Readers leave it out. */
const laterEvent = z
  .looseObject({ kind: z.string().refine(kind => !eventKinds.has(kind)) })
  .transform(() => null);

/** An event of the journal; null when it is of a kind that is not known here. */
export const journalEvent = z.union([trackEvent, laterEvent]);

const manifestTrack = z.object({
  trackId,
  participantId,
  source,
  streams: z.array(streamInfo),
  chunks: z.array(
    z.object({
      key: z.string(),
      epoch: count,
      sequence: count,
      bytes: count,
      sha256: sha256Hex,
      startUs: microseconds,
      endUs: microseconds,
      packets: count,
    }),
  ),
  gaps: z.array(
    z.object({
      startUs: microseconds,
      endUs: microseconds,
      cause: z.enum(gapCauses),
    }),
  ),
  counters: z.object({
    packetsReceived: count,
    packetsLost: count,
    packetsDuplicate: count,
    packetsMalformed: count,
    packetsForeign: count,
    // Manifests of the first days lack these two.
    packetsDroppedByKernel: count.default(0),
    packetsDroppedByFlood: count.default(0),
    bytesReceived: count,
  }),
});

export const manifest = z.object({
  version: z.literal(1),
  organizationId,
  sessionId,
  recordingId,
  startedAt: z.iso.datetime(),
  durationUs: microseconds,
  tracks: z.array(manifestTrack),
  merkleRoot: sha256Hex,
}) satisfies z.ZodType<Manifest>;

/** @throws FormatError saying what does not fit */
export function decodeJson<Schema extends z.ZodType>(
  schema: Schema,
  bytes: Uint8Array,
  what: string,
): z.output<Schema> {
  try {
    return schema.parse(JSON.parse(Buffer.from(bytes).toString('utf8')));
  } catch (cause) {
    const detail = cause instanceof z.ZodError ? z.prettifyError(cause) : String(cause);
    throw new FormatError(`${what} is malformed: ${detail}`, cause);
  }
}
