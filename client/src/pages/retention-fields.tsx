import { Field } from '../components/controls.tsx';
import { Picker } from '../components/picker.tsx';
import { t } from '../i18n/t.ts';
import { LEAST_KEPT_DAYS, MOST_KEPT_DAYS, type SessionRetention } from '../protocol.ts';
import { useAccount } from './signed-in.tsx';

/** What stands in the fields, whether or not it makes sense yet. */
export interface WantedRetention {
  kind: SessionRetention['kind'];
  days: string;
}

export const wantedOf = (retention: SessionRetention): WantedRetention => ({
  kind: retention.kind,
  days: retention.kind === 'days' ? String(retention.days) : '90',
});

/** @returns what the server is sent; it has the last word on the number */
export const retentionOf = <Kind extends SessionRetention['kind']>({
  kind,
  days,
}: WantedRetention & { kind: Kind }) =>
  (kind === 'days' ? { kind, days: Number(days) } : { kind }) as Extract<SessionRetention, { kind: Kind }>;

/** How long recordings are kept: for ever, or as long as the plan allows; for some days; or, for a session, as its organization does. */
export function RetentionFields(props: {
  value: WantedRetention;
  onChange: (value: WantedRetention) => void;
  isOfSession?: boolean;
}) {
  const { value, onChange, isOfSession = false } = props;
  const { me } = useAccount();
  const options = [
    ...(isOfSession ? [{ id: 'organization', label: t('As long as the organization says') }] : []),
    me.isBilled
      ? { id: 'plan', label: t('As long as the plan allows') }
      : { id: 'forever', label: t('For ever') },
    { id: 'days', label: t('For a number of days') },
  ];
  return (
    <>
      <Picker
        label={t('Recordings are kept')}
        options={options}
        selected={value.kind}
        onChoose={kind => onChange({ ...value, kind: kind as WantedRetention['kind'] })}
      />
      {value.kind === 'days' && (
        <Field
          label={t('Days')}
          isRequired
          inputMode="numeric"
          pattern="[0-9]{1,4}"
          value={value.days}
          onChange={days => onChange({ ...value, days: days.trim() })}
          problems={{
            valueMissing: t('Enter the number of days.'),
            patternMismatch: t('Enter a number from {least} to {most}.', {
              least: LEAST_KEPT_DAYS,
              most: MOST_KEPT_DAYS,
            }),
          }}
          hint={t(
            'Counted from when each recording began. Owners and whoever made the session are told by mail a week before; for a day afterwards it can be brought back.',
          )}
        />
      )}
    </>
  );
}
