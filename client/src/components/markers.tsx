import { type FormEvent, useState } from 'react';
import { api } from '../api.ts';
import { clockTime } from '../format.ts';
import { type Action, useAction } from '../hooks/use-action.ts';
import { t } from '../i18n/t.ts';
import type { rest } from '../protocol.ts';
import { Button, Field, Problem } from './controls.tsx';
import { calledMarker, MarkerNameForm } from './marker-name.tsx';

/** Naming places: by the form below the player, and by a key while somebody listens. */
export interface Marking extends Pick<Action, 'isPending' | 'problem'> {
  mark: (name: string, onMarked?: () => void) => void;
}

/** @param placeS where a new one belongs; without it, now */
export function useMarking(recordingId: string, reload: () => Promise<void>, placeS?: () => number): Marking {
  const { run, isPending, problem } = useAction();
  const mark: Marking['mark'] = (name, onMarked) => {
    const atMs = placeS === undefined ? {} : { atMs: Math.round(placeS() * 1000) };
    void run(async () => {
      await api.addMarker(recordingId, { name, ...atMs });
      onMarked?.();
      await reload();
    });
  };
  return { mark, isPending, problem };
}

export interface MarkersProps {
  recordingId: string;
  markers: readonly rest.Marker[];
  reload: () => Promise<void>;
  marking: Marking;
  /** What the button says. */
  markLabel: string;
  onSeek?: (timeS: number) => void;
}

/** Places with names: editors get them with the projects. */
export function Markers({ recordingId, markers, reload, marking, markLabel, onSeek }: MarkersProps) {
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
      {markers.length > 0 && (
        <ul className="markers" aria-label={t('Markers')}>
          {markers.map(marker => (
            <MarkerRow key={marker.markerId} {...{ recordingId, marker, reload, onSeek }} />
          ))}
        </ul>
      )}
    </div>
  );
}

interface MarkerRowProps extends Pick<MarkersProps, 'recordingId' | 'reload'> {
  marker: rest.Marker;
  onSeek: MarkersProps['onSeek'] | undefined;
}

function MarkerRow({ recordingId, marker, reload, onSeek }: MarkerRowProps) {
  const { markerId, atMs, name, madeBy } = marker;
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
    <li>
      <Button
        look="quiet"
        isDisabled={onSeek === undefined}
        aria-label={t('Go to {name}', { name: name === '' ? clockTime(atMs) : `${clockTime(atMs)} ${name}` })}
        onPress={() => onSeek?.(atMs / 1000)}
      >
        {clockTime(atMs)}
      </Button>
      {isRenaming ? (
        <MarkerNameForm
          className="row marker-name"
          marker={marker}
          isPending={action.isPending}
          onSave={newName => change(() => api.changeMarker(recordingId, markerId, { name: newName }))}
        />
      ) : (
        <span className="marker-name">
          {name} <span className="muted">{madeBy}</span>
        </span>
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
    </li>
  );
}
