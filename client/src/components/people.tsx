import type { ParticipantView } from '../protocol.ts';
import type { RoomState } from '../studio/room-state.ts';

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
          </li>
        ))}
      </ul>
    </aside>
  );
}

function describe(participant: ParticipantView): string {
  const role = participant.role === 'host' ? 'Host' : 'Guest';
  const state = presence(participant);
  return state === null ? role : `${role}, ${state}`;
}
