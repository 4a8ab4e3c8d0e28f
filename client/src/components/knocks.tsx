import { count, t } from '../i18n/t.ts';
import { sessionRoleNames } from '../studio/names.ts';
import { leads, type RoomState } from '../studio/room-state.ts';
import type { Studio } from '../studio/studio.ts';
import { Button } from './controls.tsx';

/** Who waits to be let in, for those who can let them in. */
export function Knocks({ studio, room }: { studio: Studio; room: RoomState }) {
  if (!leads(room.you.role)) return null;
  const { length } = room.waiting;
  const words = count('1 person waits to be let in|{n} people wait to be let in', length);
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
            <Button look="primary" onPress={() => void studio.people.admit(everybody)}>
              {t('Let all in')}
            </Button>
            <Button onPress={() => void studio.people.deny(everybody)}>{t('Turn all away')}</Button>
          </div>
        )}
      </div>
      <ul>
        {waiting.map(({ participantId, displayName, role }) => (
          <li key={participantId}>
            <span className="knocks-name">
              {displayName} {role !== 'guest' && <span className="muted">{t(sessionRoleNames[role])}</span>}
            </span>
            <Button
              look="primary"
              aria-label={t('Let {name} in', { name: displayName })}
              onPress={() => void studio.people.admit([participantId])}
            >
              {t('Let in')}
            </Button>
            <Button
              aria-label={t('Turn {name} away', { name: displayName })}
              onPress={() => void studio.people.deny([participantId])}
            >
              {t('Turn away')}
            </Button>
          </li>
        ))}
      </ul>
    </section>
  );
}
