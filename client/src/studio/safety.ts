import { t } from '../i18n/t.ts';
import { told } from '../i18n/told.ts';
import type { ParticipantId, RecordingProgress, TrackHealth, TrackProgress } from '../protocol.ts';
import { sourceName } from './names.ts';
import { leads, lightOf, type ProgressInRoom, type RoomState } from './room-state.ts';

/**
 * What the recorder's word of its progress means to the people in the room. Pure.
 *
 * - safe: it arrives and is kept
 * - idle: nothing is to be kept (muted, or closed), which is no fault
 * - warning: it is kept, though not where it belongs
 * - alarm: something is not being recorded
 * - unknown: the recorder has said nothing for a while; what it said last may hold no longer
 */
export type SafetyLevel = 'safe' | 'idle' | 'warning' | 'alarm' | 'unknown';

/** The recorder speaks twice a second. When it has been silent for so long, something is the matter. */
export const STALE_AFTER_MS = 3_000;

export const isStale = (progress: ProgressInRoom, nowMs: number): boolean =>
  nowMs - progress.receivedAtMs >= STALE_AFTER_MS;

const levels: Record<TrackHealth, SafetyLevel> = {
  flowing: 'safe',
  muted: 'idle',
  paused: 'idle',
  gone: 'idle',
  'no-packets': 'alarm',
  'store-away': 'warning',
  'disk-nearly-full': 'alarm',
};
const severity: readonly SafetyLevel[] = ['idle', 'safe', 'warning', 'alarm'];

export const levelOf = (track: TrackProgress): SafetyLevel => levels[track.health];

export interface Trouble {
  key: string;
  level: 'warning' | 'alarm';
  text: string;
}

export interface PersonSafety {
  level: SafetyLevel;
  /** What was received of them before is in the store; null while nothing of theirs is recorded. */
  safeMs: number | null;
}

/** Everything before is in the store, of all that is being recorded just now. null: nothing is. */
export function safeUpToMs(tracks: readonly TrackProgress[]): number | null {
  const kept = tracks.filter(track => levelOf(track) !== 'idle' && track.health !== 'no-packets');
  return kept.length === 0 ? null : Math.min(...kept.map(track => track.safeMs));
}

/** Everything before is at least on the recorder's disk. */
export const onDiskUpToMs = ({ tracks, elapsedMs }: RecordingProgress): number =>
  Math.min(elapsedMs, ...tracks.map(track => track.onDiskMs));

export function safetyOf(progress: RecordingProgress, participantId: ParticipantId): PersonSafety {
  const tracks = progress.tracks.filter(track => track.participantId === participantId);
  const worst = Math.max(0, ...tracks.map(track => severity.indexOf(levelOf(track))));
  return { level: severity[worst] ?? 'idle', safeMs: safeUpToMs(tracks) };
}

/**
 * Hosts answer for everybody; guests hear of what is their own.
 * @param stale whether the recorder has been silent for too long
 */
export function safetyShown(
  room: RoomState,
  participantId: ParticipantId,
  stale: boolean,
): PersonSafety | null {
  const isShown = leads(room.you.role) || participantId === room.you.participantId;
  if (room.progress === null || !isShown) return null;
  const safety = safetyOf(room.progress, participantId);
  return stale ? { ...safety, level: 'unknown' } : safety;
}

/**
 * What is wrong with the recording, for this person, the same thing said once.
 * @param silent whose open microphones have given nothing for a minute while others spoke
 */
export function troubles(room: RoomState, silent: readonly ParticipantId[] = []): Trouble[] {
  const isHost = leads(room.you.role);
  const { recording, progress } = room;
  const found: Trouble[] = [];
  if (isHost && recording !== null && lightOf(recording) === 'on' && recording.reason !== null)
    found.push({ key: 'reason', level: 'warning', text: told(recording.reason) });
  const byKey = new Map<string, Trouble>();
  for (const track of progress?.tracks ?? []) {
    const isYours = track.participantId === room.you.participantId;
    const trouble = isHost || isYours ? troubleOf(track, room) : null;
    if (trouble !== null) byKey.set(trouble.key, trouble);
  }
  return [...found, ...byKey.values(), ...soundTroubles(room, silent)];
}

/** What the recorder cannot know, because it hears nothing. */
function soundTroubles(room: RoomState, silent: readonly ParticipantId[]): Trouble[] {
  const { recording, you } = room;
  if (recording === null || lightOf(recording) !== 'on' || recording.isPaused) return [];
  return room.participants
    .filter(({ participantId }) => participantId === you.participantId || leads(you.role))
    .flatMap(person => {
      const { participantId, displayName, condition } = person;
      const isYou = participantId === you.participantId;
      const found: Trouble[] = [];
      if (condition?.isClipping === true && !isYou)
        found.push({
          key: `clips ${participantId}`,
          level: 'warning',
          text: t('{name}’s microphone is too loud: it is cut off.', { name: displayName }),
        });
      if (silent.includes(participantId))
        found.push({
          key: `silent ${participantId}`,
          level: 'warning',
          text: isYou
            ? t('Nothing has been heard of you for a minute. Is your microphone muted on the device itself?')
            : t('Nothing has been heard of {name} for a minute.', { name: displayName }),
        });
      return found;
    });
}

function troubleOf(track: TrackProgress, room: RoomState): Trouble | null {
  switch (track.health) {
    case 'flowing':
    case 'muted':
    case 'paused':
    case 'gone':
      return null;
    case 'no-packets':
      return sendsNothing(track, room);
    case 'store-away':
      return {
        key: 'store',
        level: 'warning',
        text: t(
          'The store takes nothing just now. What is recorded waits on the recorder’s disk, encrypted, and follows by itself.',
        ),
      };
    case 'disk-nearly-full':
      return {
        key: 'disk',
        level: 'alarm',
        text: t('The recorder’s disk is nearly full. Sound is still recorded, pictures are not.'),
      };
  }
}

function sendsNothing(track: TrackProgress, room: RoomState): Trouble | null {
  const owner = room.participants.find(({ participantId }) => participantId === track.participantId);
  if (owner === undefined) return null;
  const source = sourceName(track.source);
  const isYours = owner.participantId === room.you.participantId;
  const text = isYours
    ? t('Your {source} sends nothing. Choose it again in the settings.', { source })
    : t('{name}’s {source} sends nothing.', { name: owner.displayName, source });
  return { key: track.trackId, level: 'alarm', text };
}
