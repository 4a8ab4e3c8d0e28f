import { useStore } from '../hooks/use-store.ts';
import type { RoomState } from '../studio/room-state.ts';
import type { Studio, StudioState } from '../studio/studio.ts';
import { Button, Notice } from './controls.tsx';

interface RoomNoticesProps {
  studio: Studio;
  state: StudioState;
  room: RoomState;
}

/** What this person should know just now, over the pictures. */
export function RoomNotices({ studio, state, room }: RoomNoticesProps) {
  const { problem, notice } = state;
  return (
    <>
      <ConnectionStatus state={state} />
      {problem !== null && (
        <Dismissable kind="problem" text={problem} onDismiss={() => studio.dismissProblem()} />
      )}
      {notice !== null && <Dismissable kind="info" text={notice} onDismiss={() => studio.dismissNotice()} />}
      <SpeaksMuted studio={studio} />
      {room.participants.length === 1 && <Alone room={room} />}
    </>
  );
}

interface DismissableProps {
  kind: 'problem' | 'info';
  text: string;
  onDismiss: () => void;
}

function Dismissable({ kind, text, onDismiss }: DismissableProps) {
  return (
    <div className="room-problem">
      <Notice kind={kind}>{text}</Notice>
      <Button look="quiet" onPress={onDismiss}>
        Dismiss
      </Button>
    </div>
  );
}

/** The live region stands always, so that what appears in it is spoken; over the pictures, so that nothing moves. */
function SpeaksMuted({ studio }: { studio: Studio }) {
  const { speaksMuted } = useStore(studio.listening.store);
  return (
    <p className="room-reminder" role="status">
      {speaksMuted && (
        <span>You are muted: nobody hears you. Unmute (M), or hold the space bar to speak.</span>
      )}
    </p>
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
