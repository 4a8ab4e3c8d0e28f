import { clockTime } from '../format.ts';
import type { ParticipantId, ParticipantView } from '../protocol.ts';
import type { RoomState } from '../studio/room-state.ts';
import { safetyShown } from '../studio/safety.ts';

export const presence = (participant: ParticipantView): string | null => {
  switch (participant.state) {
    case 'joining':
      return 'joining…';
    case 'reconnecting':
      return 'reconnecting…';
    case 'joined':
    case 'left':
      return null;
  }
};

/** Who is there, by name. */
export function People({ room }: { room: RoomState }) {
  return (
    <aside className="people" aria-label="People">
      <h2>People</h2>
      <ul>
        {room.participants.map(participant => (
          <li key={participant.participantId}>
            <span>
              {participant.displayName}
              {participant.participantId === room.you.participantId && ' (you)'}
            </span>
            <span className="muted">{describe(participant)}</span>
            <Safety room={room} participantId={participant.participantId} />
          </li>
        ))}
      </ul>
    </aside>
  );
}

function Safety({ room, participantId }: { room: RoomState; participantId: ParticipantId }) {
  const safety = safetyShown(room, participantId);
  if (safety === null || safety.safeMs === null) return null;
  return (
    <span className="safety" data-level={safety.level}>
      <span className="safety-dot" aria-hidden="true" />
      {safety.level === 'alarm' ? 'Not fully recorded' : `Safe up to ${clockTime(safety.safeMs)}`}
    </span>
  );
}

function describe(participant: ParticipantView): string {
  const role = participant.role === 'host' ? 'Host' : 'Guest';
  const state = presence(participant);
  return state === null ? role : `${role}, ${state}`;
}
