import { useStore } from '../hooks/use-store.ts';
import {
  DEFAULT_DEVICE,
  type DeviceChoice,
  type DeviceKind,
  describeFailure,
  NO_DEVICE,
} from '../studio/devices.ts';
import type { LocalMedia } from '../studio/local-media.ts';
import { Button, Notice } from './controls.tsx';
import { Picker } from './picker.tsx';
import { Toggle } from './toggle.tsx';

const noneNames: Record<DeviceKind, string> = {
  microphone: 'No microphone (only listen)',
  camera: 'No camera (only sound)',
};

const optionsOf = (kind: DeviceKind, devices: readonly DeviceChoice[]): DeviceChoice[] => [
  { id: DEFAULT_DEVICE, label: `Default ${kind}` },
  ...devices,
  { id: NO_DEVICE, label: noneNames[kind] },
];

export function DevicePicker({ kind, local }: { kind: DeviceKind; local: LocalMedia }) {
  const state = useStore(local.store);
  const options = optionsOf(kind, kind === 'microphone' ? state.microphones : state.cameras);
  const chosen = state.settings[kind];
  const selected = options.some(option => option.id === chosen) ? chosen : DEFAULT_DEVICE;
  return (
    <Picker
      label={kind === 'microphone' ? 'Microphone' : 'Camera'}
      options={options}
      selected={selected}
      onChoose={id => void local.choose({ [kind]: id })}
    />
  );
}

/** Why there is no sound or picture, said once where it is the same for both. */
export function CaptureProblems({ local }: { local: LocalMedia }) {
  const { microphone, camera } = useStore(local.store);
  const failures = [microphone, camera].flatMap(each => (each.status === 'failed' ? [each.failure] : []));
  const [first, second] = failures;
  if (first === undefined) return null;
  const isSame = first.errorName === second?.errorName;
  return (
    <Notice kind="problem">
      {(isSame ? [describeFailure('both', first.errorName)] : failures).map(({ title, advice }) => (
        <p key={title}>
          <strong>{title}.</strong> {advice}
        </p>
      ))}
      <Button onPress={() => void local.retry()}>Try again</Button>
    </Notice>
  );
}

export function SoundSwitches({ local }: { local: LocalMedia }) {
  const { settings } = useStore(local.store);
  return (
    <fieldset className="switches">
      <legend>Sound processing</legend>
      <Toggle
        label="Echo cancellation"
        hint="Turn it off when you wear headphones."
        isOn={settings.echoCancellation}
        onChange={echoCancellation => void local.choose({ echoCancellation })}
      />
      <Toggle
        label="Noise suppression"
        hint="Turn it off in a quiet room, or for music."
        isOn={settings.noiseSuppression}
        onChange={noiseSuppression => void local.choose({ noiseSuppression })}
      />
      <Toggle
        label="Automatic gain"
        hint="Turn it off when you set the level yourself."
        isOn={settings.autoGainControl}
        onChange={autoGainControl => void local.choose({ autoGainControl })}
      />
    </fieldset>
  );
}
