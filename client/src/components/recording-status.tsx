import { clockTime } from '../format.ts';
import { useNow } from '../hooks/use-now.ts';
import { t } from '../i18n/t.ts';
import { told } from '../i18n/told.ts';
import { lightOf, type RoomState, recordedMs } from '../studio/room-state.ts';

const words = {
  starting: 'Starting to record…',
  on: 'Recording',
  finishing: 'Storing the last moments…',
} as const;

/** The red light: seen by all, with the time since it came on. */
export function RecordingStatus({ room }: { room: RoomState }) {
  const { recording } = room;
  const light = lightOf(recording);
  const isPaused = recording?.isPaused === true;
  const nowMs = useNow(light === 'on');
  return (
    <div className="recording-status" data-light={light} data-paused={isPaused}>
      <span role="status" className="recording-word">
        {light !== 'off' && (
          <>
            <span className="recording-light" aria-hidden="true" />
            {isPaused ? t('Paused: nothing is recorded') : t(words[light])}
          </>
        )}
        {light === 'off' &&
          recording?.state === 'incomplete' &&
          told(recording.reason ?? 'The recording stopped.')}
        {light === 'off' && recording?.state === 'complete' && t('Recording stopped')}
      </span>
      {light === 'on' && recording !== null && (
        // Not announced: a screen reader would speak it every second.
        <span role="timer" aria-live="off" aria-label={t('Time recorded')} data-testid="recording-time">
          {clockTime(recordedMs(recording, nowMs))}
        </span>
      )}
      {light === 'off' && recording !== null && room.you.role === 'host' && (
        // In a tab of its own: following it here would leave the room.
        <a href={`/recordings/${recording.recordingId}`} target="_blank" rel="noreferrer">
          {t('Open recording')}
        </a>
      )}
    </div>
  );
}
