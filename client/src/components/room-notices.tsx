import { useState } from 'react';
import { useStore } from '../hooks/use-store.ts';
import { t } from '../i18n/t.ts';
import { told } from '../i18n/told.ts';
import { connectionWords } from '../studio/condition-words.ts';
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
        <Dismissable kind="problem" text={told(problem)} onDismiss={() => studio.dismissProblem()} />
      )}
      {notice !== null && <Dismissable kind="info" text={notice} onDismiss={() => studio.dismissNotice()} />}
      <Hints studio={studio} />
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
        {t('Dismiss')}
      </Button>
    </div>
  );
}

/** What this person could do better, each until they have read it. */
function Hints({ studio }: { studio: Studio }) {
  const { connection, isDark } = useStore(studio.self.store);
  const { isClipping, hearsOthers } = useStore(studio.listening.store);
  const [read, setRead] = useState<readonly string[]>([]);
  // What is only unsteady stands on the picture: it often is, and passes.
  const poor = connection.connection === 'poor' ? connectionWords(connection) : null;
  const hints = [
    {
      key: 'connection',
      isOn: poor !== null,
      text: `${poor}. ${t('What helps: a cable, a place nearer to the router, other programs closed.')}`,
    },
    {
      key: 'clips',
      isOn: isClipping,
      text: t('Your microphone is too loud and its sound is cut off. Move back, or turn its level down.'),
    },
    {
      key: 'echo',
      isOn: hearsOthers,
      text: t(
        'Your microphone hears the others. Wear headphones, or turn echo cancellation on in the settings.',
      ),
    },
    { key: 'dark', isOn: isDark, text: t('Your picture is very dark. A lamp in front of you helps.') },
  ].filter(({ key, isOn }) => isOn && !read.includes(key));
  return (
    <>
      {hints.map(({ key, text }) => (
        <Dismissable key={key} kind="info" text={text} onDismiss={() => setRead([...read, key])} />
      ))}
    </>
  );
}

/** The live region stands always, so that what appears in it is spoken; over the pictures, so that nothing moves. */
function SpeaksMuted({ studio }: { studio: Studio }) {
  const { speaksMuted } = useStore(studio.listening.store);
  return (
    <p className="room-reminder" role="status">
      {speaksMuted && (
        <span>{t('You are muted: nobody hears you. Unmute (M), or hold the space bar to speak.')}</span>
      )}
    </p>
  );
}

/** The empty state of a room. */
function Alone({ room }: { room: RoomState }) {
  return (
    <p className="room-hint" role="status">
      {t('Nobody else is here yet.')}{' '}
      {room.you.role === 'host' && (
        // In a tab of its own: following it here would leave the room.
        <a href={`/sessions/${room.sessionId}`} target="_blank" rel="noreferrer">
          {t('Get an invitation link')}
        </a>
      )}
    </p>
  );
}

/** What is being done about it. */
function phaseWords({ phase, hasBeenLive }: StudioState): string {
  if (!hasBeenLive) return t('Connecting your sound and picture…');
  if (!navigator.onLine) return t('Your device has no network. Reconnecting by itself as soon as it has…');
  switch (phase) {
    case 'live':
      return t('Your connection is unsteady. Restoring it…');
    case 'building':
      return t('Back in the room. Reconnecting your sound and picture…');
    case 'connecting':
    case 'waiting':
    case 'joining':
    case 'ended':
      return t('Connection lost. Reconnecting by itself…');
  }
}

function ConnectionStatus({ state }: { state: StudioState }) {
  const isAway = state.phase !== 'live';
  if (!isAway && !state.isTroubled) return null;
  return (
    <div className="room-connection" role="status">
      <span className="spinner" aria-hidden="true" />
      {phaseWords(state)}
    </div>
  );
}
