import { useEffect, useState } from 'react';
import { useStale } from '../hooks/use-stale.ts';
import { useTitle } from '../hooks/use-title.ts';
import { columnsFor } from '../studio/names.ts';
import { lightOf, type RoomState, sends } from '../studio/room-state.ts';
import { safetyShown } from '../studio/safety.ts';
import type { Studio, StudioState } from '../studio/studio.ts';
import { Chat, ChatNews, useUnread } from './chat.tsx';
import { Button, Notice } from './controls.tsx';
import { Knocks } from './knocks.tsx';
import { Loading } from './page.tsx';
import { People } from './people.tsx';
import { RecordingSafety, Troubles } from './recording-safety.tsx';
import { RecordingStatus } from './recording-status.tsx';
import { type Panel, RoomControls } from './room-controls.tsx';
import { OwnTile, RemoteTile, ScreenTile } from './tiles.tsx';

/** The room itself: everybody who is there, and what this person can do. */
export function Room({ studio, state }: { studio: Studio; state: StudioState }) {
  const { room } = state;
  useTitle(room?.title ?? 'Joining');
  useDiagnostics(studio);
  useLeaveWarning(lightOf(room?.recording ?? null) !== 'off');
  if (room === null) {
    return (
      <main className="room room-joining">
        <Loading what="the room" />
        <Button onPress={() => studio.leave()}>Leave</Button>
      </main>
    );
  }
  return <RoomView studio={studio} state={state} room={room} />;
}

function RoomView({ studio, state, room }: { studio: Studio; state: StudioState; room: RoomState }) {
  const [panel, setPanel] = useState<Panel | null>(null);
  const unread = useUnread(room, panel === 'chat');
  return (
    <div className="room" data-light={lightOf(room.recording)}>
      <header className="room-header">
        <h1>{room.title}</h1>
        <div className="room-recording">
          <RecordingSafety room={room} />
          <RecordingStatus room={room} />
        </div>
      </header>
      {/* Above what comes and goes by itself: its buttons must not move from under the pointer. */}
      <Knocks studio={studio} room={room} />
      <Troubles room={room} />
      <ConnectionStatus state={state} />
      {state.problem !== null && (
        <div className="room-problem">
          <Notice kind="problem">{state.problem}</Notice>
          <Button look="quiet" onPress={() => studio.dismissProblem()}>
            Dismiss
          </Button>
        </div>
      )}
      {state.notice !== null && (
        <div className="room-problem">
          <Notice kind="info">{state.notice}</Notice>
          <Button look="quiet" onPress={() => studio.dismissNotice()}>
            Dismiss
          </Button>
        </div>
      )}
      {room.participants.length === 1 && <Alone room={room} />}
      <div className="room-body">
        <Grid studio={studio} state={state} room={room} />
        {panel === 'people' && <People studio={studio} room={room} />}
        {panel === 'chat' && <Chat studio={studio} room={room} />}
      </div>
      <ChatNews room={room} unread={unread} />
      <RoomControls
        studio={studio}
        state={state}
        room={room}
        panel={panel}
        unread={unread}
        onPanel={setPanel}
      />
    </div>
  );
}

function Grid({ studio, state, room }: { studio: Studio; state: StudioState; room: RoomState }) {
  const screens = room.producers.filter(
    p =>
      p.source === 'screen' && p.participantId !== room.you.participantId && state.tracks.has(p.producerId),
  );
  const stale = useStale(room.progress);
  // Producers are in the list of people: there is nothing of them to be seen.
  const others = room.participants.filter(p => p.participantId !== room.you.participantId && sends(p.role));
  const tiles = others.length + (sends(room.you.role) ? 1 : 0);
  return (
    <>
      {screens.length > 0 && (
        <section className="screens" aria-label="Screens">
          {screens.map(screen => (
            <ScreenTile key={screen.producerId} screen={screen} state={state} room={room} />
          ))}
        </section>
      )}
      <main
        className="grid"
        data-columns={screens.length > 0 ? 1 : columnsFor(tiles)}
        aria-label="People in the room"
      >
        {others.map(participant => (
          <RemoteTile
            key={participant.participantId}
            safety={safetyShown(room, participant.participantId, stale)}
            studio={studio}
            participant={participant}
            producers={room.producers}
            tracks={state.tracks}
          />
        ))}
        {sends(room.you.role) && (
          <OwnTile
            studio={studio}
            state={state}
            safety={safetyShown(room, room.you.participantId, stale)}
            room={room}
          />
        )}
      </main>
    </>
  );
}

/** The empty state of a room. */
function Alone({ room }: { room: RoomState }) {
  return (
    <p className="room-hint" role="status">
      Nobody else is here yet.{' '}
      {room.you.role === 'host' && (
        // In a tab of its own: following it here would leave the room.
        <a href={`/sessions/${room.sessionId}`} target="_blank" rel="noreferrer">
          Get an invitation link
        </a>
      )}
    </p>
  );
}

function connectionWords({ phase, hasBeenLive }: StudioState): string {
  if (!hasBeenLive) return 'Connecting your sound and picture…';
  return phase === 'live'
    ? 'Your connection is unsteady. Restoring it…'
    : 'Connection lost. Reconnecting by itself…';
}

function ConnectionStatus({ state }: { state: StudioState }) {
  const isAway = state.phase !== 'live';
  if (!isAway && !state.isTroubled) return null;
  return (
    <div className="room-connection" role="status">
      <span className="spinner" aria-hidden="true" />
      {connectionWords(state)}
    </div>
  );
}

/** Leaving the page by accident while the light is on asks first. */
function useLeaveWarning(isOn: boolean): void {
  useEffect(() => {
    if (!isOn) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', warn);
    return () => window.removeEventListener('beforeunload', warn);
  }, [isOn]);
}

/** Read-only, for tests and for support: what this page receives and sends, as its own statistics say. */
function useDiagnostics(studio: Studio): void {
  useEffect(() => {
    const diagnostics = Object.freeze({ stats: () => studio.stats(), sent: () => studio.sentStats() });
    Object.defineProperty(window, '__cratersync', { value: diagnostics, configurable: true });
    return () => {
      Reflect.deleteProperty(window, '__cratersync');
    };
  }, [studio]);
}
