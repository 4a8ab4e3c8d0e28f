import { useState } from 'react';
import { t } from '../i18n/t.ts';
import { mayDo } from '../protocol.ts';
import type { RoomState } from '../studio/room-state.ts';
import type { Studio } from '../studio/studio.ts';
import { Confirm } from './confirm.tsx';
import { Button } from './controls.tsx';
import { Toggle } from './toggle.tsx';

/** How people come in, and how it ends: for those who run the room. */
export function RoomSettings({ studio, room }: { studio: Studio; room: RoomState }) {
  const [isEnding, setEnding] = useState(false);
  const { lobby, locked } = room.settings;
  return (
    <section className="stack room-settings" aria-label={t('How people come in')}>
      <Toggle
        label={t('Lobby')}
        hint={t('Who comes by a link waits until you let them in.')}
        isOn={lobby}
        onChange={isOn => void studio.people.configure({ lobby: isOn })}
      />
      <Toggle
        label={t('Lock the room')}
        hint={t('Nobody new comes in by a link.')}
        isOn={locked}
        onChange={isOn => void studio.people.configure({ locked: isOn })}
      />
      {mayDo(room.you.role, 'session.end') && (
        <Button look="danger" onPress={() => setEnding(true)}>
          {t('End for everybody…')}
        </Button>
      )}
      {isEnding && (
        <Confirm
          title={t('End for everybody?')}
          text={t('The recording stops, and everybody has to leave. Only a host can open the session again.')}
          yes={t('End it')}
          no={t('Go on')}
          onYes={() => void studio.endSession()}
          onClose={() => setEnding(false)}
        />
      )}
    </section>
  );
}
