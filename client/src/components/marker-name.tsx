import { type FormEvent, useState } from 'react';
import { clockTime } from '../format.ts';
import type { Action } from '../hooks/use-action.ts';
import { t } from '../i18n/t.ts';
import type { rest } from '../protocol.ts';
import { Button, Field } from './controls.tsx';

/** What a marker is called where it has no name: its time. */
export const calledMarker = ({ name, atMs }: rest.Marker): string => (name === '' ? clockTime(atMs) : name);

export interface MarkerNameFormProps extends Pick<Action, 'isPending'> {
  className: string;
  marker: rest.Marker;
  onSave: (name: string) => void;
}

/** Gives a marker another name. */
export function MarkerNameForm({ className, marker, isPending, onSave }: MarkerNameFormProps) {
  const [name, setName] = useState(marker.name);
  const save = (event: FormEvent) => {
    event.preventDefault();
    onSave(name);
  };
  return (
    <form className={className} onSubmit={save}>
      <Field
        label={t('Name of {marker}', { marker: calledMarker(marker) })}
        maxLength={200}
        value={name}
        onChange={setName}
        autoFocus
      />
      <Button type="submit" isPending={isPending}>
        {t('Save')}
      </Button>
    </form>
  );
}
