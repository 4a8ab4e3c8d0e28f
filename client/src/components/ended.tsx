import { type PlainKey, t } from '../i18n/t.ts';
import { told } from '../i18n/told.ts';
import type { Ending } from '../studio/rejoin.ts';
import type { RoomState } from '../studio/room-state.ts';
import { Button } from './controls.tsx';
import { Link } from './link.tsx';
import { Page } from './page.tsx';

export interface EndedProps {
  ending: Ending;
  room: RoomState | null;
  sessionPath: string | null;
  /** Straight back into the room. */
  onAgain: () => void;
  onGreenRoom: () => void;
}

const againWords = (ending: Ending): string => {
  if (ending.code === 'not_admitted') return t('Knock again');
  return ending.kind === 'refused' ? t('Try again') : t('Join again');
};

const headings: Record<Ending['kind'], PlainKey> = {
  left: 'You left',
  dismissed: 'You are no longer in the room',
  refused: 'You could not join',
};

/** After the room: why it ended, and where to go from here. */
export function Ended({ ending, room, sessionPath, onAgain, onGreenRoom }: EndedProps) {
  const heading = ending.code === 'not_admitted' ? t('You were not let in') : t(headings[ending.kind]);
  const isElsewhere = ending.code === 'replaced_by_newer_tab';
  const recording = room?.you.role === 'host' ? room.recording : null;
  return (
    <Page title={heading} isNarrow>
      <div className="card stack">
        <h1>{heading}</h1>
        <p role="status">{told(ending.message)}</p>
        <div className="row">
          {recording !== null && (
            <Link to={`/recordings/${recording.recordingId}`} className="button button-primary">
              {t('Open recording')}
            </Link>
          )}
          {isElsewhere && (
            <Button look="primary" onPress={onAgain}>
              {t('Join here again')}
            </Button>
          )}
          {!isElsewhere && ending.code !== 'removed' && (
            <Button onPress={onGreenRoom}>{againWords(ending)}</Button>
          )}
          {sessionPath !== null && (
            <Link to={sessionPath} className="button button-plain">
              {t('Back to the session')}
            </Link>
          )}
        </div>
      </div>
    </Page>
  );
}
