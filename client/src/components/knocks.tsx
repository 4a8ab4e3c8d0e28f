import { sessionRoleNames } from '../studio/names.ts';
import { leads, type RoomState } from '../studio/room-state.ts';
import type { Studio } from '../studio/studio.ts';
import { Button } from './controls.tsx';

/** Who waits to be let in, for those who can let them in. */
export function Knocks({ studio, room }: { studio: Studio; room: RoomState }) {
  if (!leads(room.you.role)) return null;
  const { length } = room.waiting;
  const words = length === 1 ? '1 person waits to be let in' : `${length} people wait to be let in`;
  return (
    <>
      {/* There before anybody knocks: a screen reader announces what changes in it. */}
      <p role="status" className="visually-hidden">
        {length > 0 && words}
      </p>
      {length > 0 && <KnockList studio={studio} waiting={room.waiting} words={words} />}
    </>
  );
}

interface KnockListProps {
  studio: Studio;
  waiting: RoomState['waiting'];
  words: string;
}

function KnockList({ studio, waiting, words }: KnockListProps) {
  const everybody = waiting.map(({ participantId }) => participantId);
  return (
    <section className="knocks" aria-labelledby="knocks-heading">
      <div className="row row-between">
        <h2 id="knocks-heading">{words}</h2>
        {waiting.length > 1 && (
          <div className="row">
            <Button look="primary" onPress={() => void studio.admit(everybody)}>
              Let all in
            </Button>
            <Button onPress={() => void studio.deny(everybody)}>Turn all away</Button>
          </div>
        )}
      </div>
      <ul>
        {waiting.map(({ participantId, displayName, role }) => (
          <li key={participantId}>
            <span className="knocks-name">
              {displayName} {role !== 'guest' && <span className="muted">{sessionRoleNames[role]}</span>}
            </span>
            <Button
              look="primary"
              aria-label={`Let ${displayName} in`}
              onPress={() => void studio.admit([participantId])}
            >
              Let in
            </Button>
            <Button aria-label={`Turn ${displayName} away`} onPress={() => void studio.deny([participantId])}>
              Turn away
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}
