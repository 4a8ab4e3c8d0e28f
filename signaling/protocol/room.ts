import { z } from 'zod';
import { participantId, recordingId, sessionId, trackId } from './ids.ts';
import { states } from './lifecycle.ts';
import {
  consumerInfo,
  dtlsParameters,
  iceParameters,
  mediaKind,
  rtpCapabilities,
  rtpParameters,
  source,
  transportDirection,
  transportInfo,
} from './media.ts';

/** What somebody may do in a session. */
export const sessionRole = z.enum(['host', 'guest']);
export type SessionRole = z.output<typeof sessionRole>;

export const displayName = z.string().trim().min(1, 'a name is needed').max(60, 'at most 60 characters');

export const producerView = z.object({
  producerId: z.string(),
  participantId,
  source,
  kind: mediaKind,
  paused: z.boolean(),
});
export type ProducerView = z.output<typeof producerView>;

export const participantView = z.object({
  participantId,
  displayName: z.string(),
  role: sessionRole,
  state: z.enum(states('participant')),
});
export type ParticipantView = z.output<typeof participantView>;

export const recordingView = z.object({
  recordingId,
  state: z.enum(states('recording')),
  /** How long it has been recording when this was sent; the browser counts on from there by its own clock. */
  elapsedMs: z.number(),
  /** Why it stopped or failed, in words for the people in the room. */
  reason: z.string().nullable(),
});
export type RecordingView = z.output<typeof recordingView>;

/** How the media of one track is doing on its way to the store. Everything but `flowing` is something to know. */
export const trackHealth = z.enum([
  'flowing',
  'muted',
  /** It has ended: its sender left, or closed it. */
  'gone',
  /** It should be flowing, and nothing has come for a second or so. */
  'no-packets',
  /** Kept on the recorder's disk, because the store takes nothing. */
  'store-away',
  /** The recorder's disk is nearly full; if it is video, it is not being kept. */
  'disk-nearly-full',
]);
export type TrackHealth = z.output<typeof trackHealth>;

/** How far one track is out of danger. Instants are time recorded, in ms. */
export const trackProgress = z.object({
  trackId,
  participantId,
  source,
  /** What was received before is encrypted, on the recorder's disk. */
  onDiskMs: z.number(),
  /** What was received before is encrypted, in the store, and acknowledged. */
  safeMs: z.number(),
  health: trackHealth,
});
export type TrackProgress = z.output<typeof trackProgress>;

/** Of every person and source the newest track. */
export const recordingProgress = z.object({
  recordingId,
  elapsedMs: z.number(),
  tracks: z.array(trackProgress),
});
export type RecordingProgress = z.output<typeof recordingProgress>;

export const roomView = z.object({
  sessionId,
  title: z.string(),
  you: participantView,
  participants: z.array(participantView),
  producers: z.array(producerView),
  recording: recordingView.nullable(),
  routerRtpCapabilities: rtpCapabilities,
  /** True when the transports named in the request still exist: keep them. False: make new ones. */
  resumed: z.boolean(),
});
export type RoomView = z.output<typeof roomView>;

const nothing = z.null();
const byProducer = z.strictObject({ producerId: z.string().max(64) });
const byConsumer = z.strictObject({ consumerId: z.string().max(64) });
const transportId = z.string().max(64);

/**
 * Everything a browser may ask of a room, on the socket.io namespace ROOM_NAMESPACE. The handshake's `auth` is
 * {credential}: the participant's session-scoped credential from POST /api/v1/join or …/host-seat.
 */
export const roomCommands = {
  join: {
    request: z.strictObject({ resume: z.array(transportId).max(4) }),
    response: roomView,
  },
  'transport.create': {
    request: z.strictObject({ direction: transportDirection }),
    response: transportInfo,
  },
  'transport.connect': {
    request: z.strictObject({ transportId, dtlsParameters }),
    response: nothing,
  },
  'transport.restart-ice': { request: z.strictObject({ transportId }), response: iceParameters },
  'producer.open': {
    request: z.strictObject({ transportId, source, paused: z.boolean(), rtpParameters }),
    response: z.object({ producerId: z.string() }),
  },
  'producer.pause': { request: byProducer, response: nothing },
  'producer.resume': { request: byProducer, response: nothing },
  'producer.close': { request: byProducer, response: nothing },
  'consumer.open': {
    request: z.strictObject({ transportId, producerId: z.string().max(64), rtpCapabilities }),
    response: consumerInfo,
  },
  'consumer.resume': { request: byConsumer, response: nothing },
  'recording.start': { request: z.strictObject({}), response: recordingView },
  'recording.stop': { request: z.strictObject({}), response: recordingView },
  leave: { request: z.strictObject({}), response: nothing },
} as const;
export type RoomCommand = keyof typeof roomCommands;

/** Who may send which command; everything else is refused with `forbidden`. */
export const commandRoles: Record<RoomCommand, readonly SessionRole[]> = {
  join: ['host', 'guest'],
  'transport.create': ['host', 'guest'],
  'transport.connect': ['host', 'guest'],
  'transport.restart-ice': ['host', 'guest'],
  'producer.open': ['host', 'guest'],
  'producer.pause': ['host', 'guest'],
  'producer.resume': ['host', 'guest'],
  'producer.close': ['host', 'guest'],
  'consumer.open': ['host', 'guest'],
  'consumer.resume': ['host', 'guest'],
  'recording.start': ['host'],
  'recording.stop': ['host'],
  leave: ['host', 'guest'],
};

/** Everything a room tells a browser unasked. One event name, one shape. */
export const roomEvents = {
  participantChanged: participantView,
  producerOpened: producerView,
  producerChanged: producerView,
  producerClosed: z.object({ producerId: z.string() }),
  recordingChanged: recordingView,
  /** While it records, at most twice a second. */
  recordingProgress,
  /** The media node is gone: make new transports, as after a `join` with resumed false. */
  mediaLost: z.object({}),
  /** The server has ended this connection for a reason the person must read; do not reconnect by yourself. */
  dismissed: z.object({ code: z.string(), message: z.string() }),
} as const;
export type RoomEvent = keyof typeof roomEvents;
export type RoomEventBody<E extends RoomEvent> = z.output<(typeof roomEvents)[E]>;

export const ROOM_NAMESPACE = '/room';
export const NODES_NAMESPACE = '/nodes';
/** Nodes have an engine of their own: their announcements are larger than anything a browser may send. */
export const NODES_PATH = '/nodes.io';
