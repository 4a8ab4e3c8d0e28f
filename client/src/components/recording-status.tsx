import { clockTime } from '../format.ts';
import { useNow } from '../hooks/use-now.ts';
import { lightOf, type RoomState, recordedMs } from '../studio/room-state.ts';

const words = { starting: 'Starting to record…', on: 'Recording', finishing: 'Storing the last moments…' };

/** The red light: seen by all, with the time since it came on. */
export function RecordingStatus({ room }: { room: RoomState }) {
  const { recording } = room;
  const light = lightOf(recording);
  const nowMs = useNow(light === 'on');
  return (
    <div className="recording-status" data-light={light}>
      <span role="status" className="recording-word">
        {light !== 'off' && (
          <>
            <span className="recording-light" aria-hidden="true" />
            {words[light]}
          </>
        )}
        {light === 'off' &&
          recording?.state === 'incomplete' &&
          (recording.reason ?? 'The recording stopped.')}
        {light === 'off' && recording?.state === 'complete' && 'Recording stopped'}
      </span>
      {light === 'on' && recording !== null && (
        // Not announced: a screen reader would speak it every second.
        <span role="timer" aria-live="off" aria-label="Time recorded" data-testid="recording-time">
          {clockTime(recordedMs(recording, nowMs))}
        </span>
      )}
      {light === 'off' && recording !== null && room.you.role === 'host' && (
        // In a tab of its own: following it here would leave the room.
        <a href={`/recordings/${recording.recordingId}`} target="_blank" rel="noreferrer">
          Open recording
        </a>
      )}
    </div>
  );
}
