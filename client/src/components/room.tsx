import { useEffect, useState } from 'react';
import { useShortcuts } from '../hooks/use-shortcuts.ts';
import { useStore } from '../hooks/use-store.ts';
import { useTitle } from '../hooks/use-title.ts';
import { useWakeLock } from '../hooks/use-wake-lock.ts';
import { t } from '../i18n/t.ts';
import { lightOf, type RoomState } from '../studio/room-state.ts';
import type { Studio, StudioState } from '../studio/studio.ts';
import { ViewChoice } from '../studio/view.ts';
import { Chat, ChatNews, useUnread } from './chat.tsx';
import { Button } from './controls.tsx';
import { Countdown } from './countdown.tsx';
import { Knocks } from './knocks.tsx';
import { Marked, useMarkNow } from './mark-now.tsx';
import { MarkerPanel } from './marker-panel.tsx';
import { Loading } from './page.tsx';
import { People } from './people.tsx';
import { RecordingSafety, Troubles } from './recording-safety.tsx';
import { RecordingStatus } from './recording-status.tsx';
import { type Panel, RoomControls } from './room-controls.tsx';
import { RoomNotices } from './room-notices.tsx';
import { ShortcutsHelp } from './shortcuts-help.tsx';
import { Stage } from './stage.tsx';

/** The room itself: everybody who is there, and what this person can do. */
export function Room({ studio, state }: { studio: Studio; state: StudioState }) {
  const { room } = state;
  useTitle(room?.title ?? t('Joining'));
  useDiagnostics(studio);
  useLeaveWarning(lightOf(room?.recording ?? null) !== 'off');
  useWakeLock();
  if (room === null) {
    return (
      <main className="room room-joining">
        <Loading what={t('the room')} />
        <Button onPress={() => studio.leave()}>{t('Leave')}</Button>
      </main>
    );
  }
  return <RoomView studio={studio} state={state} room={room} />;
}

function RoomView({ studio, state, room }: { studio: Studio; state: StudioState; room: RoomState }) {
  const [panel, setPanel] = useState<Panel | null>(null);
  const [isHelping, setHelping] = useState(false);
  const [choice] = useState(() => new ViewChoice());
  const view = useStore(choice.store);
  const [marked, mark] = useMarkNow(studio, room);
  const unread = useUnread(room, panel === 'chat');
  const toggle = (which: Panel) => setPanel(panel === which ? null : which);
  useShortcuts(view.hasShortcuts, {
    microphone: () => studio.toggleMicrophone(),
    talk: isHeld => studio.talk(isHeld),
    camera: () => void studio.toggleCamera(),
    hand: () => void studio.people.setHand(room.you.hand === null),
    marker: mark,
    chat: () => toggle('chat'),
    people: () => toggle('people'),
    layout: () => choice.switchLayout(),
    help: () => setHelping(true),
  });
  return (
    <div
      className="room"
      data-light={lightOf(room.recording)}
      data-paused={room.recording?.isPaused === true}
    >
      <header className="room-header">
        <h1>{room.title}</h1>
        <div className="room-recording">
          <RecordingSafety room={room} />
          <RecordingStatus room={room} />
        </div>
      </header>
      {/* Above what comes and goes by itself: its buttons must not move from under the pointer. */}
      <Knocks studio={studio} room={room} />
      <Troubles studio={studio} room={room} />
      <RoomNotices studio={studio} state={state} room={room} />
      <div className="room-body">
        <Stage studio={studio} state={state} room={room} view={view} />
        {panel === 'people' && <People studio={studio} room={room} />}
        {panel === 'chat' && <Chat studio={studio} room={room} />}
        {panel === 'markers' && <MarkerPanel studio={studio} room={room} />}
      </div>
      <Countdown countdown={room.countdown} />
      <ChatNews room={room} unread={unread} />
      <Marked marker={marked} />
      <RoomControls
        studio={studio}
        state={state}
        room={room}
        panel={panel}
        unread={unread}
        onPanel={toggle}
        onMark={mark}
        choice={choice}
        onHelp={() => setHelping(true)}
      />
      {isHelping && <ShortcutsHelp choice={choice} onClose={() => setHelping(false)} />}
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
