import { z } from 'zod';
import { chatMessage, chatText, condition, givenBack } from './conversation.ts';
import { markerId, participantId, recordingId, sessionId, trackId } from './ids.ts';
import { states } from './lifecycle.ts';
import { marker, markerName } from './markers.ts';
import {
  consumerInfo,
  dtlsParameters,
  iceRestart,
  mediaKind,
  rtpCapabilities,
  rtpParameters,
  source,
  transportDirection,
  transportOffer,
  wantedLayer,
} from './media.ts';

/**
 * What somebody is in a session; `commandRoles` below says what each may do.
 *
 * - host: a member of the organization
 * - co-host: runs the room with the host
 * - guest: is seen, heard and recorded
 * - producer: sees and hears everything, and sends nothing, so that nothing of theirs can be recorded
 */
export const sessionRole = z.enum(['host', 'co-host', 'guest', 'producer']);
export type SessionRole = z.output<typeof sessionRole>;
/** What a link can make of whoever opens it. */
export const linkRole = sessionRole.exclude(['host']);
export type LinkRole = z.output<typeof linkRole>;
/** Between which a host may move people. */
export const changeableRole = sessionRole.extract(['co-host', 'guest']);
export type ChangeableRole = z.output<typeof changeableRole>;

/** How a session treats those who come. */
export const sessionSettings = z.object({
  /** Guests and producers who come by a link wait until a host or co-host admits them. */
  lobby: z.boolean(),
  /** Nobody new comes in by a link. */
  locked: z.boolean(),
});
export type SessionSettings = z.output<typeof sessionSettings>;

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
  /** The how-many-eth hand of this room that they raised; null while it is down. */
  hand: z.number().int().positive().nullable(),
  /** null: they have not said. */
  condition: condition.nullable(),
});
export type ParticipantView = z.output<typeof participantView>;

/** Somebody who waits to be admitted, as hosts and co-hosts see them. */
export const waitingView = participantView.omit({ state: true, hand: true, condition: true });
export type WaitingView = z.output<typeof waitingView>;

/** All that somebody who waits is told. */
export const lobbyView = z.strictObject({
  waiting: z.literal(true),
  title: z.string(),
  /** Whether anybody is there who could admit them. */
  hostIsHere: z.boolean(),
});
export type LobbyView = z.output<typeof lobbyView>;

export const recordingView = z.object({
  recordingId,
  state: z.enum(states('recording')),
  /** How long it has been recording when this was sent; the browser counts on from there by its own clock. */
  elapsedMs: z.number(),
  /** Why it stopped or failed, in words for the people in the room. */
  reason: z.string().nullable(),
  /** Nothing is kept until it is resumed; the time goes on. */
  isPaused: z.boolean(),
});
export type RecordingView = z.output<typeof recordingView>;

/** How the media of one track is doing on its way to the store. Everything but `flowing` is something to know. */
export const trackHealth = z.enum([
  'flowing',
  'muted',
  /** The recording is paused. */
  'paused',
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

/** It begins soon, unless somebody calls it off. */
export const countdown = z.object({
  /** When this was sent. */
  leftMs: z.number(),
  /** Who asked for it. */
  by: z.string(),
});
export type Countdown = z.output<typeof countdown>;

/** A recorder would take the recording now: it has the time, the disk, the store and a key. */
export const recordingCheck = z.object({
  /** For so long its disk alone would hold what is there to be recorded; null where that is nothing. */
  diskHours: z.number().nullable(),
});
export type RecordingCheck = z.output<typeof recordingCheck>;

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
  countdown: countdown.nullable(),
  /** Of the recording, in the order in which they were made. */
  markers: z.array(marker),
  settings: sessionSettings,
  /** Who waits to be admitted; empty for everybody but hosts and co-hosts. */
  waiting: z.array(waitingView),
  /** Another one than before: signaling has forgotten what was said. Whoever still has it gives it back. */
  conversationId: z.uuid(),
  /** What has been said since the room was opened, the oldest first; of a long talk the end. */
  chat: z.array(chatMessage),
  routerRtpCapabilities: rtpCapabilities,
  /** True when the transports named in the request still exist: keep them. False: make new ones. */
  resumed: z.boolean(),
});
export type RoomView = z.output<typeof roomView>;

const nothing = z.null();
const byProducer = z.strictObject({ producerId: z.string().max(64) });
const byPerson = z.strictObject({ participantId });
/** At most as many as may wait. */
const byPeople = z.strictObject({ participantIds: z.array(participantId).min(1).max(200) });
const byConsumer = z.strictObject({ consumerId: z.string().max(64) });
const transportId = z.string().max(64);

/**
 * Everything a browser may ask of a room, on the socket.io namespace ROOM_NAMESPACE. The handshake's `auth` is
 * {credential}: the participant's session-scoped credential from POST /api/v1/join or …/host-seat.
 */
export const roomCommands = {
  /** Whoever has to wait is answered with a LobbyView, and joins again when `admitted` comes. */
  join: {
    request: z.strictObject({ resume: z.array(transportId).max(4) }),
    response: z.union([lobbyView, roomView]),
  },
  'transport.create': {
    request: z.strictObject({ direction: transportDirection }),
    response: transportOffer,
  },
  'transport.connect': {
    request: z.strictObject({ transportId, dtlsParameters }),
    response: nothing,
  },
  'transport.restart-ice': { request: z.strictObject({ transportId }), response: iceRestart },
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
  /** Of a picture; sound is always sent. */
  'consumer.prefer': { request: byConsumer.extend({ layer: wantedLayer }), response: nothing },
  /** Tries what a recording needs, and begins none. Refused with `recording_refused`, and what failed. */
  'recording.check': { request: z.strictObject({}), response: recordingCheck },
  /**
   * Answered when the light is on. Everybody sees the countdown; with `slate` everybody's page sends a short tone when the
   * light comes on.
   */
  'recording.start': {
    request: z.strictObject({
      countdownMs: z.int().min(0).max(10_000).default(0),
      slate: z.boolean().default(false),
    }),
    response: recordingView,
  },
  /** While it counts down; later is too late. */
  'recording.call-off': { request: z.strictObject({}), response: nothing },
  /** Nothing is kept from here on; in every stem that is a gap. */
  'recording.pause': { request: z.strictObject({}), response: recordingView },
  'recording.resume': { request: z.strictObject({}), response: recordingView },
  /** At this moment, or somewhat earlier: a note takes time to write. Kept also where the database is away for a while. */
  'marker.add': {
    request: z.strictObject({ name: markerName, agoMs: z.int().min(0).max(600_000).default(0) }),
    response: marker,
  },
  /** One's own; hosts and co-hosts everybody's. */
  'marker.rename': { request: z.strictObject({ markerId, name: markerName }), response: marker },
  'recording.stop': { request: z.strictObject({}), response: recordingView },
  /** One's own. Raised twice, it keeps its place. */
  'hand.raise': { request: z.strictObject({}), response: nothing },
  'hand.lower': { request: z.strictObject({}), response: nothing },
  /** Of one's own page, when it changes. */
  'condition.report': { request: condition, response: nothing },
  /** Everybody in the room reads it, whoever comes later, too. At most 10 at once, and one a second. */
  'chat.send': { request: z.strictObject({ text: chatText }), response: chatMessage },
  /** Only what was said, and raised, before this conversation began is taken; who said it is who gives it back. */
  'conversation.give-back': { request: givenBack, response: nothing },
  'person.lower-hand': { request: byPerson, response: nothing },
  /** Closes somebody's microphone; only they can open it again. */
  'person.mute': { request: byPerson, response: nothing },
  /** Sends somebody out for good, unless they are given another link. */
  'person.remove': { request: byPerson, response: nothing },
  'person.set-role': {
    request: byPerson.extend({ role: changeableRole }),
    response: nothing,
  },
  /** Whoever is no longer waiting is passed over. */
  'lobby.admit': { request: byPeople, response: nothing },
  /** They may knock again. */
  'lobby.deny': { request: byPeople, response: nothing },
  /** Switching the lobby off lets in everybody who waits. */
  'session.configure': {
    request: sessionSettings.partial().strict(),
    response: sessionSettings,
  },
  /** Sends everybody out and stops the recording; only a host opens the session again. */
  'session.end': { request: z.strictObject({}), response: nothing },
  leave: { request: z.strictObject({}), response: nothing },
} as const;
export type RoomCommand = keyof typeof roomCommands;

const everybody: readonly SessionRole[] = sessionRole.options;
/** They send, and what they send is recorded. */
const recorded: readonly SessionRole[] = ['host', 'co-host', 'guest'];
/** They run the room. */
export const leaders: readonly SessionRole[] = ['host', 'co-host'];

/**
 * Who may send which command; everything else is refused with `forbidden`. What is left to hosts concerns the session
 * itself: who leads it, and that it ends. (Its links are made and revoked in the organization's pages.)
 */
export const commandRoles: Record<RoomCommand, readonly SessionRole[]> = {
  join: everybody,
  // A producer's only to receive.
  'transport.create': everybody,
  'transport.connect': everybody,
  'transport.restart-ice': everybody,
  'producer.open': recorded,
  'producer.pause': recorded,
  'producer.resume': recorded,
  'producer.close': recorded,
  'consumer.open': everybody,
  'consumer.resume': everybody,
  'consumer.prefer': everybody,
  'recording.check': leaders,
  'recording.start': leaders,
  'recording.call-off': leaders,
  'recording.stop': leaders,
  'recording.pause': leaders,
  'recording.resume': leaders,
  'marker.add': everybody,
  'marker.rename': everybody,
  'hand.raise': everybody,
  'hand.lower': everybody,
  'condition.report': everybody,
  'chat.send': everybody,
  'conversation.give-back': everybody,
  'person.lower-hand': leaders,
  'person.mute': leaders,
  'person.remove': leaders,
  'person.set-role': ['host'],
  'lobby.admit': leaders,
  'lobby.deny': leaders,
  'session.configure': leaders,
  'session.end': ['host'],
  leave: everybody,
};

export const mayDo = (role: SessionRole, command: RoomCommand): boolean =>
  commandRoles[command].includes(role);

/** Everything a room tells a browser unasked. One event name, one shape. */
export const roomEvents = {
  participantChanged: participantView,
  chatSaid: chatMessage,
  producerOpened: producerView,
  producerChanged: producerView,
  producerClosed: z.object({ producerId: z.string() }),
  recordingChanged: recordingView,
  /** null: it is over, or was called off. */
  countdownChanged: z.object({ countdown: countdown.nullable() }),
  /** The light has just come on, and a tone was asked for. */
  slateCalled: z.object({}),
  /** A new one, or another name. */
  markerChanged: marker,
  /** While it records, at most twice a second. */
  recordingProgress,
  /** For hosts and co-hosts: who waits now. */
  lobbyChanged: z.object({ waiting: z.array(waitingView) }),
  /** For hosts and co-hosts. */
  settingsChanged: sessionSettings,
  /** A host or co-host has closed your microphone. */
  muted: z.object({ by: z.string() }),
  /** To whoever waits: whether anybody is there who could admit them. */
  hostPresenceChanged: z.object({ hostIsHere: z.boolean() }),
  /** To whoever waited: join again. */
  admitted: z.object({}),
  /** The media node is gone: make new transports, as after a `join` with resumed false. */
  mediaLost: z.object({}),
  /** The server has ended this connection for a reason the person must read; do not reconnect by yourself. */
  dismissed: z.object({ code: z.string(), message: z.string() }),
} as const;
export type RoomEvent = keyof typeof roomEvents;
/** All that somebody who waits can hear. */
export const lobbyEvents: readonly RoomEvent[] = ['hostPresenceChanged', 'admitted', 'dismissed'];
export type RoomEventBody<E extends RoomEvent> = z.output<(typeof roomEvents)[E]>;

export const ROOM_NAMESPACE = '/room';
export const NODES_NAMESPACE = '/nodes';
/** Nodes have an engine of their own: their announcements are larger than anything a browser may send. */
export const NODES_PATH = '/nodes.io';
