import { useState } from 'react';
import { mayDo } from '../protocol.ts';
import type { RoomState } from '../studio/room-state.ts';
import type { Studio } from '../studio/studio.ts';
import { Button } from './controls.tsx';
import { Toggle } from './toggle.tsx';

/** How people come in, and how it ends: for those who run the room. */
export function RoomSettings({ studio, room }: { studio: Studio; room: RoomState }) {
  const [isEnding, setEnding] = useState(false);
  const { lobby, locked } = room.settings;
  return (
    <section className="stack room-settings" aria-label="How people come in">
      <Toggle
        label="Lobby"
        hint="Who comes by a link waits until you let them in."
        isOn={lobby}
        onChange={isOn => void studio.configure({ lobby: isOn })}
      />
      <Toggle
        label="Lock the room"
        hint="Nobody new comes in by a link."
        isOn={locked}
        onChange={isOn => void studio.configure({ locked: isOn })}
      />
      {mayDo(room.you.role, 'session.end') && !isEnding && (
        <Button look="danger" onPress={() => setEnding(true)}>
          End for everybody…
        </Button>
      )}
      {isEnding && (
        <div className="stack" role="alertdialog" aria-label="End for everybody?">
          <p>The recording stops, and everybody has to leave. Only a host can open the session again.</p>
          <div className="row">
            <Button look="danger" onPress={() => void studio.endSession()}>
              End it
            </Button>
            <Button autoFocus onPress={() => setEnding(false)}>
              Go on
            </Button>
          </div>
        </div>
      )}
    </section>
  );
}
