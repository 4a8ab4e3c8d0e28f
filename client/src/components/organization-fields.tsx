import { t } from '../i18n/t.ts';
import type { Region } from '../protocol.ts';
import { Field } from './controls.tsx';
import { Picker } from './picker.tsx';

const regions: { id: Region; label: string }[] = [
  { id: 'ca', label: 'Canada' },
  { id: 'fr', label: 'France' },
];

/** What an organization is made of. */
export function OrganizationFields(props: {
  name: string;
  onName: (name: string) => void;
  region: Region;
  onRegion: (region: Region) => void;
}) {
  return (
    <>
      <Field
        label={t('Organization name')}
        isRequired
        problems={{ valueMissing: t('Enter a name. You are free to use your own.') }}
        autoComplete="organization"
        maxLength={80}
        value={props.name}
        onChange={props.onName}
        hint={t('Your show, studio or company. Guests see it before they join.')}
      />
      <Picker
        label={t('Recordings are kept in')}
        options={regions}
        selected={props.region}
        onChoose={id => props.onRegion(id === 'fr' ? 'fr' : 'ca')}
      />
    </>
  );
}
