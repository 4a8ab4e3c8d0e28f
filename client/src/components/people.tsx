import { clockTime } from '../format.ts';
import { useStale } from '../hooks/use-stale.ts';
import type { ParticipantView } from '../protocol.ts';
import type { RoomState } from '../studio/room-state.ts';
import { type PersonSafety, safetyShown } from '../studio/safety.ts';

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
  const stale = useStale(room.progress);
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
            <Safety safety={safetyShown(room, participant.participantId, stale)} />
          </li>
        ))}
      </ul>
    </aside>
  );
}

function Safety({ safety }: { safety: PersonSafety | null }) {
  if (safety === null || safety.safeMs === null) return null;
  return (
    <span className={safety.level === 'unknown' ? 'safety stale' : 'safety'} data-level={safety.level}>
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
