import { type ReactNode, useCallback } from 'react';
import { useStore } from '../hooks/use-store.ts';
import { type PlainKey, t } from '../i18n/t.ts';
import type { ParticipantView, ProducerView, SessionRole, Source } from '../protocol.ts';
import { connectionWords } from '../studio/condition-words.ts';
import { trackOf } from '../studio/local-media.ts';
import { initials, presence, sessionRoleNames } from '../studio/names.ts';
import type { RoomState } from '../studio/room-state.ts';
import type { PersonSafety, SafetyLevel } from '../studio/safety.ts';
import type { Studio, StudioState } from '../studio/studio.ts';
import { Icon } from './icon.tsx';
import { Audio, Video } from './media.tsx';

interface TileProps {
  label: string;
  name: string;
  video: ReactNode;
  isMuted: boolean;
  isSpeaking: boolean;
  /** They have the floor, where whoever has it is shown large. */
  isLarge?: boolean;
  /** How well the person is being recorded, where that is shown. */
  safety: PersonSafety | null;
  /** What is going on with the person, over the picture. */
  state?: string | null;
  isHandRaised: boolean;
  /** What is wrong with their connection, in words. */
  trouble: string | null;
  /** What they are, where it is not simply a guest. */
  role?: SessionRole;
  children?: ReactNode;
}

function Tile({
  label,
  name,
  role = 'guest',
  video,
  isMuted,
  isSpeaking,
  isLarge = false,
  safety,
  isHandRaised,
  trouble,
  state = null,
  children,
}: TileProps) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset groups form controls, this groups a person's media
    <div
      role="group"
      aria-label={label}
      className="tile"
      data-speaking={isSpeaking}
      data-large={isLarge}
      data-away={state !== null}
      data-safety={safety?.level}
    >
      {video ?? (
        <span className="tile-initials" aria-hidden="true">
          {initials(name)}
        </span>
      )}
      {children}
      {state !== null && <span className="tile-state">{state}</span>}
      {isHandRaised && (
        <span className="tile-hand">
          <Icon name="hand" />
          <span className="visually-hidden">{t('Hand raised')}</span>
        </span>
      )}
      <span className="tile-name">
        {isMuted && <Icon name="micOff" />}
        <span>{label}</span>
        {role !== 'guest' && <span className="tile-role">{t(sessionRoleNames[role])}</span>}
        {isMuted && <span className="visually-hidden">, {t('microphone off')}</span>}
        {safety !== null && <SafetyMark safety={safety} />}
        {trouble !== null && (
          <span className="tile-trouble" title={trouble}>
            <Icon name="signal" />
            <span className="visually-hidden">, {trouble}</span>
          </span>
        )}
        {video === null && <span className="visually-hidden">, {t('camera off')}</span>}
      </span>
    </div>
  );
}

const safetyWords: Record<SafetyLevel, PlainKey> = {
  safe: 'is being recorded',
  idle: 'nothing to record',
  warning: 'is recorded, and waits for the store',
  alarm: 'is not fully recorded',
  unknown: 'the recorder has said nothing for some seconds',
};

function SafetyMark({ safety }: { safety: PersonSafety }) {
  return (
    <span className="safety" data-level={safety.level} title={t(safetyWords[safety.level])}>
      <span className="safety-dot" aria-hidden="true" />
      <span className="visually-hidden">, {t(safetyWords[safety.level])}</span>
    </span>
  );
}

/** Another person's camera or screen: it is sent in the size in which it is shown, and not at all while nobody sees it. */
function RemoteVideo({
  studio,
  producerId,
  track,
}: {
  studio: Studio;
  producerId: string;
  track: MediaStreamTrack;
}) {
  const onShown = useCallback(
    (shownPx: number) => studio.showsPicture(producerId, shownPx),
    [studio, producerId],
  );
  return <Video track={track} onShown={onShown} />;
}

export interface RemoteTileProps {
  studio: Studio;
  safety: PersonSafety | null;
  isSpeaking: boolean;
  isLarge: boolean;
  participant: ParticipantView;
  producers: readonly ProducerView[];
  tracks: ReadonlyMap<string, MediaStreamTrack>;
}

export function RemoteTile({ studio, participant, producers, tracks, ...shown }: RemoteTileProps) {
  const of = (source: Source) =>
    producers.find(p => p.participantId === participant.participantId && p.source === source);
  const mic = of('mic');
  const camera = of('camera');
  const audio = mic === undefined ? undefined : tracks.get(mic.producerId);
  const video = camera === undefined || camera.paused ? undefined : tracks.get(camera.producerId);
  return (
    <Tile
      {...shown}
      label={participant.displayName}
      name={participant.displayName}
      role={participant.role}
      video={
        camera === undefined || video === undefined ? null : (
          <RemoteVideo studio={studio} producerId={camera.producerId} track={video} />
        )
      }
      isMuted={mic === undefined || mic.paused}
      state={presence(participant)}
      isHandRaised={participant.hand !== null}
      trouble={connectionWords(participant.condition)}
    >
      {audio !== undefined && <Audio track={audio} />}
    </Tile>
  );
}

export interface OwnTileProps {
  studio: Studio;
  state: StudioState;
  isSpeaking: boolean;
  safety: PersonSafety | null;
  room: RoomState;
}

/** This person, as in a mirror, and never heard by themselves. */
export function OwnTile({ studio, state, room, ...shown }: OwnTileProps) {
  const { microphone, camera } = useStore(studio.local.store);
  const { connection } = useStore(studio.self.store);
  const video = trackOf(camera);
  const { displayName, role, hand } = room.you;
  return (
    <Tile
      {...shown}
      label={t('{name} (you)', { name: displayName })}
      name={displayName}
      role={role}
      video={video === null ? null : <Video track={video} isMirrored />}
      isMuted={trackOf(microphone) === null || state.isMuted || !state.isHeard}
      isHandRaised={hand !== null}
      trouble={connectionWords(connection)}
    />
  );
}

export function ScreenTile({
  studio,
  screen,
  state,
  room,
}: {
  studio: Studio;
  screen: ProducerView;
  state: StudioState;
  room: RoomState;
}) {
  const track = state.tracks.get(screen.producerId);
  const owner = room.participants.find(p => p.participantId === screen.participantId);
  const sound = room.producers.find(
    p => p.participantId === screen.participantId && p.source === 'screen-audio',
  );
  const audio = sound === undefined ? undefined : state.tracks.get(sound.producerId);
  if (track === undefined) return null;
  const label = t('Screen of {name}', { name: owner?.displayName ?? t('somebody') });
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset groups form controls, this groups a person's media
    <div role="group" aria-label={label} className="tile tile-screen">
      <RemoteVideo studio={studio} producerId={screen.producerId} track={track} />
      {audio !== undefined && <Audio track={audio} />}
      <span className="tile-name">{label}</span>
    </div>
  );
}
