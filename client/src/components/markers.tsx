import { type FormEvent, useState } from 'react';
import { api } from '../api.ts';
import { clockTime } from '../format.ts';
import { useAction } from '../hooks/use-action.ts';
import type { Editing, Marking } from '../hooks/use-marking.ts';
import { personName } from '../i18n/person-name.ts';
import { t } from '../i18n/t.ts';
import type { rest } from '../protocol.ts';
import { Button, Field, Problem } from './controls.tsx';
import { calledMarker, MarkerNameForm } from './marker-name.tsx';

export interface MarkersProps {
  markers: readonly rest.Marker[];
  editing: Editing;
  marking: Marking;
  /** What the button says. */
  markLabel: string;
  onSeek?: (timeS: number) => void;
}

/** Places with names: editors get them with the projects. */
export function Markers({ markers, editing, marking, markLabel, onSeek }: MarkersProps) {
  const [name, setName] = useState('');
  const add = (event: FormEvent) => {
    event.preventDefault();
    marking.mark(name, () => setName(''));
  };
  return (
    <div className="stack">
      <form className="row marker-add" onSubmit={add}>
        <Field label={t('A new marker’s name')} value={name} onChange={setName} maxLength={200} />
        <Button type="submit" isPending={marking.isPending}>
          {markLabel}
        </Button>
      </form>
      <Problem text={marking.problem} />
      <MarkerList {...{ markers, editing, onSeek }} />
    </div>
  );
}

interface MarkerListProps extends Pick<MarkersProps, 'markers'> {
  /** Null: they are only shown. */
  editing: Editing | null;
  onSeek: MarkersProps['onSeek'] | undefined;
}

export function MarkerList({ markers, editing, onSeek }: MarkerListProps) {
  if (markers.length === 0) return null;
  return (
    <ul className="markers" aria-label={t('Markers')}>
      {markers.map(marker => (
        <li key={marker.markerId}>
          <GoTo marker={marker} onSeek={onSeek} />
          {editing === null ? <MarkerName marker={marker} /> : <EditedMarker {...{ marker, editing }} />}
        </li>
      ))}
    </ul>
  );
}

const MarkerName = ({ marker: { name, madeBy } }: { marker: rest.Marker }) => (
  <span className="marker-name">
    {name} <span className="muted">{personName(madeBy)}</span>
  </span>
);

function GoTo({ marker: { atMs, name }, onSeek }: { marker: rest.Marker } & Pick<MarkerListProps, 'onSeek'>) {
  return (
    <Button
      look="quiet"
      isDisabled={onSeek === undefined}
      aria-label={t('Go to {name}', { name: name === '' ? clockTime(atMs) : `${clockTime(atMs)} ${name}` })}
      onPress={() => onSeek?.(atMs / 1000)}
    >
      {clockTime(atMs)}
    </Button>
  );
}

function EditedMarker({ marker, editing }: { marker: rest.Marker; editing: Editing }) {
  const { recordingId, reload } = editing;
  const { markerId } = marker;
  const [isRenaming, setRenaming] = useState(false);
  const action = useAction();
  const label = calledMarker(marker);
  const change = (work: () => Promise<unknown>) =>
    void action.run(async () => {
      await work();
      setRenaming(false);
      await reload();
    });
  return (
    <>
      {isRenaming ? (
        <MarkerNameForm
          className="row marker-name"
          marker={marker}
          isPending={action.isPending}
          onSave={newName => change(() => api.changeMarker(recordingId, markerId, { name: newName }))}
        />
      ) : (
        <MarkerName marker={marker} />
      )}
      <Button
        look="quiet"
        aria-label={
          isRenaming ? t('Leave as it is: {name}', { name: label }) : t('Rename {name}', { name: label })
        }
        onPress={() => setRenaming(!isRenaming)}
      >
        {isRenaming ? t('Leave#marker') : t('Rename')}
      </Button>
      <Button
        look="quiet"
        aria-label={t('Remove {name}', { name: label })}
        isDisabled={action.isPending}
        onPress={() => change(() => api.removeMarker(recordingId, markerId))}
      >
        {t('Remove')}
      </Button>
      <Problem text={action.problem} />
    </>
  );
}
