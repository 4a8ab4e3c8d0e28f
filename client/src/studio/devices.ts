/** Microphones and cameras: what is asked of them. What their failures mean in words: device-failures.ts. */
import { t } from '../i18n/t.ts';

/** A device id, or one of these two. */
export const DEFAULT_DEVICE = 'default';
export const NO_DEVICE = 'none';

export interface CaptureSettings {
  microphone: string;
  camera: string;
  echoCancellation: boolean;
  noiseSuppression: boolean;
  autoGainControl: boolean;
}

export const defaultSettings: CaptureSettings = {
  microphone: DEFAULT_DEVICE,
  camera: DEFAULT_DEVICE,
  echoCancellation: true,
  noiseSuppression: true,
  autoGainControl: true,
};

export type DeviceKind = 'microphone' | 'camera';

export interface DeviceChoice {
  id: string;
  label: string;
}

const exactly = (id: string): { deviceId?: ConstrainDOMString } =>
  id === DEFAULT_DEVICE ? {} : { deviceId: { exact: id } };

export const microphoneConstraints = (settings: CaptureSettings): MediaTrackConstraints => ({
  ...exactly(settings.microphone),
  sampleRate: 48_000,
  channelCount: 1,
  echoCancellation: settings.echoCancellation,
  noiseSuppression: settings.noiseSuppression,
  autoGainControl: settings.autoGainControl,
});

export const cameraConstraints = (settings: CaptureSettings): MediaTrackConstraints => ({
  ...exactly(settings.camera),
  width: { ideal: 1280 },
  height: { ideal: 720 },
  frameRate: { ideal: 30 },
});

/**
 * Opens one device.
 * @throws DOMException as getUserMedia does; see `failureOf`.
 */
export async function openDevice(kind: DeviceKind, settings: CaptureSettings): Promise<MediaStreamTrack> {
  const media = mediaDevices();
  const open = async (asked: CaptureSettings) => {
    const stream = await media.getUserMedia(
      kind === 'microphone' ? { audio: microphoneConstraints(asked) } : { video: cameraConstraints(asked) },
    );
    const [track] = stream.getTracks();
    if (track === undefined) throw new DOMException('an empty stream', 'NotFoundError');
    return track;
  };
  try {
    return await open(settings);
  } catch (thrown) {
    // The device that was chosen last time is not plugged in today.
    if (!(thrown instanceof DOMException) || thrown.name !== 'OverconstrainedError') throw thrown;
    return open({ ...settings, [kind]: DEFAULT_DEVICE });
  }
}

/** One question of the browser for both, where it can be: two tracks, or null when they must be asked apart. */
export async function openBoth(
  settings: CaptureSettings,
): Promise<[MediaStreamTrack, MediaStreamTrack] | null> {
  try {
    const stream = await mediaDevices().getUserMedia({
      audio: microphoneConstraints(settings),
      video: cameraConstraints(settings),
    });
    const [audio] = stream.getAudioTracks();
    const [video] = stream.getVideoTracks();
    return audio === undefined || video === undefined ? null : [audio, video];
  } catch {
    return null;
  }
}

/** Outside of https and localhost browsers have no `mediaDevices` at all, whatever their types say. */
export function mediaDevices(): MediaDevices {
  if (!('mediaDevices' in navigator)) throw new DOMException('not a secure context', 'SecurityError');
  return navigator.mediaDevices;
}

/** The devices of both kinds. Their names are empty until one of the kind has been allowed. */
export async function listDevices(): Promise<Record<'microphones' | 'cameras' | 'speakers', DeviceChoice[]>> {
  if (!('mediaDevices' in navigator)) return { microphones: [], cameras: [], speakers: [] };
  const all = await navigator.mediaDevices.enumerateDevices();
  return {
    microphones: choices(all, 'audioinput', 'Microphone {n}'),
    cameras: choices(all, 'videoinput', 'Camera {n}'),
    speakers: choices(all, 'audiooutput', 'Speaker {n}'),
  };
}

/** What a picker lists: named, each once, without the aliases that Chromium adds for the system's own choice. */
export function choices(
  devices: readonly Pick<MediaDeviceInfo, 'deviceId' | 'kind' | 'label'>[],
  kind: MediaDeviceKind,
  fallbackName: 'Microphone {n}' | 'Camera {n}' | 'Speaker {n}',
): DeviceChoice[] {
  return devices
    .filter(d => d.kind === kind && d.deviceId !== '' && !['default', 'communications'].includes(d.deviceId))
    .map((device, index) => ({
      id: device.deviceId,
      label: device.label || t(fallbackName, { n: index + 1 }),
    }));
}
