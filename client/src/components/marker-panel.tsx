import { type FormEvent, useState } from 'react';
import { clockTime } from '../format.ts';
import { useAction } from '../hooks/use-action.ts';
import { t } from '../i18n/t.ts';
import type { rest } from '../protocol.ts';
import { leads, lightOf, type RoomState } from '../studio/room-state.ts';
import type { Studio } from '../studio/studio.ts';
import { Button, Field, Problem } from './controls.tsx';
import { calledMarker, MarkerNameForm } from './marker-name.tsx';

/** Moments of the recording that somebody marked, and a line for notes. All of it reaches the recording's page. */
export function MarkerPanel({ studio, room }: { studio: Studio; room: RoomState }) {
  const isOn = lightOf(room.recording) === 'on';
  return (
    <aside className="panel" aria-label={t('Markers')}>
      <h2>{t('Markers')}</h2>
      {isOn ? (
        <NoteLine studio={studio} />
      ) : (
        <p className="hint">{t('While it records, B marks a moment, and notes are written here.')}</p>
      )}
      <ol className="room-markers" aria-label={t('Markers')}>
        {room.markers.map(marker => (
          <Row key={marker.markerId} studio={studio} room={room} marker={marker} />
        ))}
      </ol>
    </aside>
  );
}

/** The moment that a note is about is when its writer began to write. */
function NoteLine({ studio }: { studio: Studio }) {
  const [note, setNote] = useState('');
  const [begunMs, setBegunMs] = useState(0);
  const write = (text: string) => {
    if (note === '') setBegunMs(performance.now());
    setNote(text);
  };
  const add = async (event: FormEvent) => {
    event.preventDefault();
    if (note.trim() === '') return;
    const marker = await studio.recording.mark(note, performance.now() - begunMs);
    if (marker !== null) setNote('');
  };
  return (
    <form className="panel-line" onSubmit={event => void add(event)}>
      <Field
        label={t('Note about this moment')}
        autoComplete="off"
        maxLength={200}
        value={note}
        onChange={write}
      />
      <Button type="submit">{t('Note')}</Button>
    </form>
  );
}

function Row({ studio, room, marker }: { studio: Studio; room: RoomState; marker: rest.Marker }) {
  const { markerId, atMs, name, madeBy } = marker;
  const [isRenaming, setRenaming] = useState(false);
  const { isPending, problem, run } = useAction();
  const mayRename = leads(room.you.role) || madeBy === room.you.displayName;
  const rename = (newName: string) =>
    void run(async () => {
      await studio.recording.rename(markerId, newName);
      setRenaming(false);
    });
  return (
    <li>
      <span className="room-marker">
        <time>{clockTime(atMs)}</time> <span dir="auto">{name}</span> <bdi className="muted">{madeBy}</bdi>
      </span>
      {mayRename && !isRenaming && (
        <Button
          look="quiet"
          aria-label={t('Rename {name}', { name: calledMarker(marker) })}
          onPress={() => setRenaming(true)}
        >
          {t('Rename')}
        </Button>
      )}
      {isRenaming && (
        <MarkerNameForm className="panel-line" marker={marker} isPending={isPending} onSave={rename} />
      )}
      <Problem text={problem} />
    </li>
  );
}
