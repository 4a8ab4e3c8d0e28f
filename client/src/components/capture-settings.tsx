import { useStore } from '../hooks/use-store.ts';
import { type PlainKey, t } from '../i18n/t.ts';
import { describeFailure } from '../studio/device-failures.ts';
import { DEFAULT_DEVICE, type DeviceChoice, type DeviceKind, NO_DEVICE } from '../studio/devices.ts';
import type { LocalMedia } from '../studio/local-media.ts';
import { canChooseSpeaker, chooseSpeaker, speaker } from '../studio/speaker.ts';
import { Button, Notice } from './controls.tsx';
import { Picker } from './picker.tsx';
import { Toggle } from './toggle.tsx';

const noneNames: Record<DeviceKind, PlainKey> = {
  microphone: 'No microphone (only listen)',
  camera: 'No camera (only sound)',
};

const defaultNames: Record<DeviceKind, PlainKey> = {
  microphone: 'Default microphone',
  camera: 'Default camera',
};

const optionsOf = (kind: DeviceKind, devices: readonly DeviceChoice[]): DeviceChoice[] => [
  { id: DEFAULT_DEVICE, label: t(defaultNames[kind]) },
  ...devices,
  { id: NO_DEVICE, label: t(noneNames[kind]) },
];

export function DevicePicker({ kind, local }: { kind: DeviceKind; local: LocalMedia }) {
  const state = useStore(local.store);
  const options = optionsOf(kind, kind === 'microphone' ? state.microphones : state.cameras);
  const chosen = state.settings[kind];
  const selected = options.some(option => option.id === chosen) ? chosen : DEFAULT_DEVICE;
  return (
    <Picker
      label={kind === 'microphone' ? t('Microphone') : t('Camera')}
      options={options}
      selected={selected}
      onChoose={id => void local.choose({ [kind]: id })}
    />
  );
}

/** Where others are heard; not shown where the browser leaves that to the system. */
export function SpeakerPicker({ local }: { local: LocalMedia }) {
  const { speakers } = useStore(local.store);
  const chosen = useStore(speaker);
  if (!canChooseSpeaker || speakers.length === 0) return null;
  const options = [{ id: DEFAULT_DEVICE, label: t('Default speaker') }, ...speakers];
  const selected = options.some(option => option.id === chosen) ? chosen : DEFAULT_DEVICE;
  return <Picker label={t('Speaker')} options={options} selected={selected} onChoose={chooseSpeaker} />;
}

/** Why there is no sound or picture, said once where it is the same for both. */
export function CaptureProblems({ local }: { local: LocalMedia }) {
  const { microphone, camera } = useStore(local.store);
  const failures = Object.entries({ microphone, camera } as const).flatMap(([kind, capture]) =>
    capture.status === 'failed' ? [{ kind: kind as DeviceKind, failure: capture.failure }] : [],
  );
  const [first, second] = failures;
  if (first === undefined) return null;
  const isSame = first.failure === second?.failure;
  const told = isSame ? [{ kind: 'both' as const, failure: first.failure }] : failures;
  return (
    <Notice kind="problem">
      {told.map(({ kind, failure }) => {
        const { title, advice } = describeFailure(kind, failure);
        return (
          <p key={title}>
            <strong>{title}.</strong> {advice}
          </p>
        );
      })}
      <Button onPress={() => void local.retry()}>{t('Try again')}</Button>
    </Notice>
  );
}

export function SoundSwitches({ local }: { local: LocalMedia }) {
  const { settings } = useStore(local.store);
  return (
    <fieldset className="switches">
      <legend>{t('Sound processing')}</legend>
      <Toggle
        label={t('Echo cancellation')}
        hint={t('Turn it off when you wear headphones.')}
        isOn={settings.echoCancellation}
        onChange={echoCancellation => void local.choose({ echoCancellation })}
      />
      <Toggle
        label={t('Noise suppression')}
        hint={t('Turn it off in a quiet room, or for music.')}
        isOn={settings.noiseSuppression}
        onChange={noiseSuppression => void local.choose({ noiseSuppression })}
      />
      <Toggle
        label={t('Automatic gain')}
        hint={t('Turn it off when you set the level yourself.')}
        isOn={settings.autoGainControl}
        onChange={autoGainControl => void local.choose({ autoGainControl })}
      />
    </fieldset>
  );
}
