import {
  type ChatMessage,
  type Countdown,
  type GivenBack,
  leaders,
  MOST_GIVEN_BACK,
  mayDo,
  type ParticipantView,
  type ProducerView,
  type RecordingProgress,
  type RecordingView,
  type RoomEvent,
  type RoomEventBody,
  type RoomView,
  type rest,
  type SessionRole,
  type SessionSettings,
  type WaitingView,
} from '../protocol.ts';

/** What the server says of the room, kept up to date by its events. Pure: time is an argument. */
export interface RoomState {
  sessionId: string;
  title: string;
  you: ParticipantView;
  /** Everybody but those who left, in order of arrival, you included. */
  participants: readonly ParticipantView[];
  producers: readonly ProducerView[];
  settings: SessionSettings;
  /** Who waits to be admitted; known to hosts and co-hosts only. */
  waiting: readonly WaitingView[];
  /** Another one than before: the server has forgotten what was said. */
  conversationId: string;
  /** The oldest first. */
  chat: readonly ChatInRoom[];
  recording: RecordingInRoom | null;
  countdown: CountdownInRoom | null;
  /** Of the recording, in the order of time. */
  markers: readonly rest.Marker[];
  /** How far it is safe: the recorder's newest word, null until the first. */
  progress: ProgressInRoom | null;
}

export interface ChatInRoom extends Omit<ChatMessage, 'agoMs'> {
  /** By this page's wall clock. */
  saidAt: Date;
}

export interface ProgressInRoom extends RecordingProgress {
  /** This page's monotonic clock when it came. */
  receivedAtMs: number;
}

export interface CountdownInRoom {
  by: string;
  /** By this page's monotonic clock. */
  untilMs: number;
}

export interface RecordingInRoom extends RecordingView {
  /** This page's monotonic clock when `elapsedMs` held. */
  receivedAtMs: number;
}

export type RoomChange = { [E in RoomEvent]: { event: E; body: RoomEventBody<E> } }[RoomEvent];

/** @param before what this page knew of the room; a server that was restarted has forgotten what was written */
export function roomFromView(view: RoomView, nowMs: number, before: RoomState | null = null): RoomState {
  return {
    sessionId: view.sessionId,
    title: view.title,
    you: view.you,
    participants: view.participants.filter(isPresent),
    producers: view.producers,
    settings: view.settings,
    waiting: view.waiting,
    conversationId: view.conversationId,
    chat: view.chat.reduce<readonly ChatInRoom[]>(withMessage, before?.chat ?? []),
    recording: view.recording === null ? null : { ...view.recording, receivedAtMs: nowMs },
    countdown: countdownFrom(view.countdown, nowMs),
    markers: view.markers,
    progress: null,
  };
}

/** Hosts and co-hosts, who run the room. */
export const leads = (role: SessionRole): boolean => leaders.includes(role);

/** Whether somebody sends sound and pictures, and so has a place among those who are seen. */
export const sends = (role: SessionRole): boolean => mayDo(role, 'producer.open');

const isPresent = (participant: ParticipantView) => participant.state !== 'left';

/** Replaces the item with the same key in its place, or adds it at the end. */
function upsert<T, K extends keyof T>(items: readonly T[], item: T, key: K): T[] {
  const at = items.findIndex(other => other[key] === item[key]);
  return at === -1 ? [...items, item] : items.with(at, item);
}

/** What is given back after a restart was said before what is there already. Nobody's message takes the place of another's. */
function withMessage(chat: readonly ChatInRoom[], { agoMs, ...message }: ChatMessage): readonly ChatInRoom[] {
  if (chat.some(known => chatKey(known) === chatKey(message))) return chat;
  const said = { ...message, saidAt: new Date(Date.now() - agoMs) };
  return [...chat, said].sort((a, b) => a.saidAt.getTime() - b.saidAt.getTime());
}

export const chatKey = ({ participantId, messageId }: Pick<ChatMessage, 'participantId' | 'messageId'>) =>
  `${participantId} ${messageId}`;

/**
 * What this page gives back to a server that has forgotten the conversation, in parts that one message holds.
 * @param hand the one that was up before
 */
export function toGiveBack({ you, chat }: RoomState, hand: number | null): GivenBack[] {
  const messages = chat
    .filter(({ participantId }) => participantId === you.participantId)
    .map(({ messageId, text, saidAt }) => ({
      ...{ messageId, text, agoMs: Math.max(0, Date.now() - saidAt.getTime()) },
    }));
  const parts: GivenBack[] = [{ messages: messages.splice(0, MOST_GIVEN_BACK), hand }];
  while (messages.length > 0) parts.push({ messages: messages.splice(0, MOST_GIVEN_BACK), hand: null });
  return parts;
}

export function applyChange(room: RoomState, change: RoomChange, nowMs: number): RoomState {
  switch (change.event) {
    case 'participantChanged':
      return changeParticipant(room, change.body);
    case 'chatSaid':
      return { ...room, chat: withMessage(room.chat, change.body) };
    case 'producerOpened':
    case 'producerChanged':
      return { ...room, producers: upsert(room.producers, change.body, 'producerId') };
    case 'producerClosed':
      return { ...room, producers: room.producers.filter(p => p.producerId !== change.body.producerId) };
    case 'recordingChanged':
      return changeRecording(room, { ...change.body, receivedAtMs: nowMs });
    case 'countdownChanged':
      return { ...room, countdown: countdownFrom(change.body.countdown, nowMs) };
    case 'markerChanged':
      return { ...room, markers: withMarker(room.markers, change.body) };
    case 'recordingProgress':
      return room.recording?.recordingId === change.body.recordingId
        ? { ...room, progress: { ...change.body, receivedAtMs: nowMs } }
        : room;
    case 'lobbyChanged':
      return { ...room, waiting: change.body.waiting };
    case 'settingsChanged':
      return { ...room, settings: change.body };
    case 'muted':
    case 'slateCalled':
    case 'hostPresenceChanged':
    case 'admitted':
    case 'mediaLost':
    case 'dismissed':
      return room;
  }
}

const countdownFrom = (countdown: Countdown | null, nowMs: number): CountdownInRoom | null =>
  countdown === null ? null : { by: countdown.by, untilMs: nowMs + countdown.leftMs };

const withMarker = (markers: readonly rest.Marker[], marker: rest.Marker): rest.Marker[] =>
  upsert(markers, marker, 'markerId').sort((a, b) => a.atMs - b.atMs);

/** What was said of another recording, or before this one stopped, no longer holds. */
function changeRecording(room: RoomState, recording: RecordingInRoom): RoomState {
  const isSame = recording.recordingId === room.progress?.recordingId;
  const isOn = lightOf(recording) === 'on';
  const markers = recording.recordingId === room.recording?.recordingId ? room.markers : [];
  return { ...room, recording, markers, progress: isSame && isOn ? room.progress : null };
}

function changeParticipant(room: RoomState, changed: ParticipantView): RoomState {
  const participants = upsert(room.participants, changed, 'participantId').filter(isPresent);
  const you = changed.participantId === room.you.participantId ? changed : room.you;
  return { ...room, participants, you };
}

/** Whose hands are up, in the order in which they went up. */
export const raisedHands = ({ participants }: RoomState): ParticipantView[] =>
  participants.filter(({ hand }) => hand !== null).sort((a, b) => (a.hand ?? 0) - (b.hand ?? 0));

/** What can be heard or seen of others: the producers that this page should consume. */
export const remoteProducers = (room: RoomState): ProducerView[] =>
  room.producers.filter(producer => producer.participantId !== room.you.participantId);

/** What the room shows of the recording. `off` also stands for "ended": the page of the recording tells the rest. */
export type Light = 'off' | 'starting' | 'on' | 'finishing';

export function lightOf(recording: RecordingView | null): Light {
  switch (recording?.state) {
    case 'starting':
      return 'starting';
    case 'recording':
      return 'on';
    case 'draining':
    case 'finalizing':
      return 'finishing';
    case 'complete':
    case 'incomplete':
    case undefined:
      return 'off';
  }
}

/** Time recorded so far, counted on by this page's own clock while the light is on. */
export function recordedMs(recording: RecordingInRoom, nowMs: number): number {
  const since = recording.state === 'recording' ? Math.max(0, nowMs - recording.receivedAtMs) : 0;
  return recording.elapsedMs + since;
}
