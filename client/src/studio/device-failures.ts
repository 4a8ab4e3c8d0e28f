import { type PlainKey, t } from '../i18n/t.ts';
import type { DeviceKind } from './devices.ts';
import { type BrowserKind, browserKind } from './this-browser.ts';

/** Why a microphone or camera is not there. */
export type CaptureFailure =
  | 'denied'
  | 'dismissed'
  | 'denied-by-system'
  | 'missing'
  | 'busy'
  | 'insecure'
  | 'unplugged'
  | 'other';

/** What getUserMedia's error means; the names are those of the Media Capture specification, the details Chromium's. */
export function failureOf(thrown: unknown): CaptureFailure {
  const { name, message } = thrown instanceof Error ? thrown : { name: '', message: '' };
  switch (name) {
    case 'NotAllowedError':
      if (/dismissed/i.test(message)) return 'dismissed';
      return /system/i.test(message) ? 'denied-by-system' : 'denied';
    case 'NotFoundError':
    case 'OverconstrainedError':
      return 'missing';
    case 'NotReadableError':
    case 'AbortError':
      return 'busy';
    case 'SecurityError':
      return 'insecure';
    default:
      return 'other';
  }
}

type Asked = DeviceKind | 'both';

const titles: Record<CaptureFailure, Record<Asked, PlainKey>> = {
  denied: {
    microphone: 'Microphone not allowed',
    camera: 'Camera not allowed',
    both: 'Microphone and camera not allowed',
  },
  dismissed: {
    microphone: 'Microphone not allowed yet',
    camera: 'Camera not allowed yet',
    both: 'Microphone and camera not allowed yet',
  },
  'denied-by-system': {
    microphone: 'Microphone blocked by this device',
    camera: 'Camera blocked by this device',
    both: 'Microphone and camera blocked by this device',
  },
  missing: {
    microphone: 'No microphone found',
    camera: 'No camera found',
    both: 'No microphone or camera found',
  },
  busy: {
    microphone: 'Microphone is busy',
    camera: 'Camera is busy',
    both: 'Microphone and camera are busy',
  },
  insecure: {
    microphone: 'Microphone not available on this address',
    camera: 'Camera not available on this address',
    both: 'Microphone and camera not available on this address',
  },
  unplugged: {
    microphone: 'Microphone was unplugged',
    camera: 'Camera was unplugged',
    both: 'Microphone and camera were unplugged',
  },
  other: {
    microphone: 'Microphone does not start',
    camera: 'Camera does not start',
    both: 'Microphone and camera do not start',
  },
};

const devices: Record<Asked, PlainKey> = {
  microphone: 'the microphone',
  camera: 'the camera',
  both: 'the microphone and the camera',
};
const instead: Record<Asked, PlainKey> = {
  microphone: 'You can also join and only listen.',
  camera: 'You can also join without a picture.',
  both: 'You can also join and only listen.',
};

/** Where permission is given. `{devices}` are the microphone, the camera, or both. */
const whereAllowed = {
  chromium: 'Click the icon left of this page’s address, allow {devices}, and try again.',
  firefox:
    'Click the crossed-out icon left of this page’s address, take the block away, and try again. Firefox then asks for {devices} anew: allow it.',
  safari: 'Open the menu Safari, “Settings for this website”, allow {devices}, and try again.',
  'chromium-android':
    'Tap the icon left of this page’s address, “Permissions”, allow {devices}, and try again.',
  'firefox-android': 'Tap the lock left of this page’s address, allow {devices}, and try again.',
  'safari-ios': 'Tap the icon in the address bar, “Website Settings”, allow {devices}, and try again.',
  'other-ios':
    'Open the Settings of this device, choose this browser, allow {devices}, come back, and try again.',
  other: 'Click the icon beside this page’s address, allow {devices}, and try again.',
} as const satisfies Record<BrowserKind, string>;

/** What failed, and what the person can do about it in the browser that they have. */
export function describeFailure(
  asked: Asked,
  failure: CaptureFailure,
  browser: BrowserKind = browserKind(),
): { title: string; advice: string } {
  const canDoWithout = failure === 'insecure' ? '' : ` ${t(instead[asked])}`;
  return {
    title: t(titles[failure][asked]),
    advice: adviceFor(failure, t(devices[asked]), browser) + canDoWithout,
  };
}

function adviceFor(failure: CaptureFailure, devices: string, browser: BrowserKind): string {
  switch (failure) {
    case 'denied':
      return t(whereAllowed[browser], { devices });
    case 'dismissed':
      return t('Press “Try again”, and allow {devices} when your browser asks.', { devices });
    case 'denied-by-system':
      return t(
        'Open the privacy settings of this computer or phone, let this browser use {devices}, and try again.',
        { devices },
      );
    case 'missing':
      return t('Plug in or switch on what is missing, and try again.');
    case 'busy':
      return t('Another program or tab uses {devices}. Close that one, and try again.', { devices });
    case 'insecure':
      return t('Browsers allow {devices} only on secure pages. Open this page by its https:// address.', {
        devices,
      });
    case 'unplugged':
      return t('Plug it in and try again, or choose another below.');
    case 'other':
      return t('Choose another below, or restart the browser.');
  }
}
