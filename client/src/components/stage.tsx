import { useStale } from '../hooks/use-stale.ts';
import { useStore } from '../hooks/use-store.ts';
import { t } from '../i18n/t.ts';
import type { ParticipantId } from '../protocol.ts';
import { columnsFor } from '../studio/names.ts';
import { type RoomState, remoteProducers, sends } from '../studio/room-state.ts';
import { safetyShown } from '../studio/safety.ts';
import type { Studio, StudioState } from '../studio/studio.ts';
import type { View } from '../studio/view.ts';
import { OwnTile, RemoteTile, ScreenTile } from './tiles.tsx';

export interface StageProps {
  studio: Studio;
  state: StudioState;
  room: RoomState;
  view: View;
}

/** Everybody who is seen: all alike, or whoever has the floor large. Tiles keep their place, so that no picture blinks. */
export function Stage({ studio, state, room, view }: StageProps) {
  const { you } = room;
  const screens = remoteProducers(room).filter(
    ({ source, producerId }) => source === 'screen' && state.tracks.has(producerId),
  );
  const stale = useStale(room.progress);
  const { speaking, featured } = useStore(studio.listening.store);
  // Producers are in the list of people: there is nothing of them to be seen.
  const others = room.participants.filter(p => p.participantId !== you.participantId && sends(p.role));
  const showsYou = sends(you.role) && (view.showsYou || others.length === 0);
  const large =
    view.layout === 'speaker' && screens.length === 0
      ? largeOne(
          others.map(other => other.participantId),
          featured,
        )
      : null;
  const tiles = others.length + (showsYou ? 1 : 0);
  return (
    <>
      {screens.length > 0 && (
        <section className="screens" aria-label={t('Screens')}>
          {screens.map(screen => (
            <ScreenTile key={screen.producerId} {...{ studio, screen, state, room }} />
          ))}
        </section>
      )}
      <main
        className="grid"
        data-layout={large === null ? 'grid' : 'speaker'}
        data-columns={screens.length > 0 ? 1 : columnsFor(tiles)}
        aria-label={t('People in the room')}
      >
        {others.map(participant => (
          <RemoteTile
            key={participant.participantId}
            studio={studio}
            safety={safetyShown(room, participant.participantId, stale)}
            isSpeaking={speaking.includes(participant.participantId)}
            isLarge={participant.participantId === large}
            participant={participant}
            producers={room.producers}
            tracks={state.tracks}
          />
        ))}
        {showsYou && (
          <OwnTile
            studio={studio}
            state={state}
            isSpeaking={speaking.includes(you.participantId)}
            safety={safetyShown(room, you.participantId, stale)}
            room={room}
          />
        )}
      </main>
    </>
  );
}

/** Until somebody has spoken, the first one; nobody, where one is alone. */
function largeOne(others: readonly ParticipantId[], featured: ParticipantId | null): ParticipantId | null {
  return others.find(id => id === featured) ?? others[0] ?? null;
}
